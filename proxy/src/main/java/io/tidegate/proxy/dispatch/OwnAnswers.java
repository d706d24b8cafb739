package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.tidegate.routing.command.CommandSpec;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy answers by itself to a session that is a pipe, such as who it is: a server would tell of its connection to
 * this proxy. Nobody matches a pipe's replies; so the server is sent a PING with words that nothing else has, and what it
 * answers to that is where the answer belongs.
 */
final class OwnAnswers {
    /** The answer's bytes are its characters. */
    private record Owed(String mark, String command, String answer) {
        byte[] answerBytes() {
            return answer.getBytes(ISO_8859_1);
        }
    }

    private static final int FRAME_BYTES_MAX = 512;

    /** What a PING is answered by while only that and subscribing is allowed, up to its words. */
    private static final String LISTENING = "*2\r\n$4\r\npong\r\n";

    private static final Pattern HELLO =
            Pattern.compile("\\A([*%]\\d+\r\n\\$6\r\nserver\r\n.*?\\$2\r\nid\r\n:)(\\d+)", Pattern.DOTALL);

    private final long serversId;
    private final long clientsId;
    private final Queue<Owed> owed = new ArrayDeque<>();
    private long bytes;
    private @Nullable String words;
    private long serial;
    private int greetings;

    /** The server knows the client by the number {@code serversId}. */
    OwnAnswers(long serversId, long clientsId) {
        this.serversId = serversId;
        this.clientsId = clientsId;
    }

    /** Whether the proxy answers such a command, on a pipe as elsewhere. */
    static boolean concern(CommandSpec spec) {
        return switch (spec.name()) {
            case "client|id", "client|info", "client|list", "client|getname", "client|setname", "client|setinfo" ->
                true;
            default -> false;
        };
    }

    /** The words to be sent with a PING, where {@code answer} to {@code spec} belongs. */
    String owe(CommandSpec spec, byte[] answer) {
        String drawn = words;
        if (drawn == null) {
            drawn = UUID.randomUUID().toString();
            words = drawn;
        }
        String mark = drawn + "-" + serial++;
        owed.add(new Owed(mark, spec.name(), new String(answer, ISO_8859_1)));
        bytes += answer.length;
        return mark;
    }

    long bytes() {
        return bytes;
    }

    boolean none() {
        return owed.isEmpty() && greetings == 0;
    }

    /** A command is sent as it is. */
    void sent(CommandSpec spec) {
        if (spec.name().equals("hello")) {
            greetings++;
        }
    }

    /** What is to be told instead of the frame [from, to); null if that itself. */
    byte @Nullable [] insteadOf(ByteBuf all, int from, int to) {
        byte type = all.getByte(from);
        boolean aggregate = type == '*' || type == '%';
        if (none() || to - from > FRAME_BYTES_MAX || (type != '$' && type != '-' && !aggregate)) {
            return null;
        }
        String frame = all.toString(from, to - from, ISO_8859_1);
        Matcher hello = greetings > 0 && aggregate ? HELLO.matcher(frame) : null;
        if (hello != null && hello.find() && Long.parseLong(hello.group(2)) == serversId) {
            greetings--;
            return (hello.group(1) + clientsId + frame.substring(hello.end(2))).getBytes(ISO_8859_1);
        }
        if (type == '-') {
            // Who may not PING is told what he asked for all the same.
            boolean refused = frame.startsWith("-NOPERM ") && frame.contains("'ping'");
            return refused && !owed.isEmpty() ? settle().answerBytes() : null;
        }
        boolean listens = frame.startsWith(LISTENING);
        return settle(frame.substring(listens ? LISTENING.length() : 0), listens);
    }

    private byte @Nullable [] settle(String reply, boolean listens) {
        String mark = reply.substring(reply.indexOf('\n') + 1).stripTrailing();
        if (owed.stream().noneMatch(each -> each.mark().equals(mark))) {
            return null;
        }
        Owed due = settle();
        while (!due.mark().equals(mark)) {
            // The client wanted no reply to that one.
            due = settle();
        }
        return listens ? ("-" + Listening.notNow(due.command()) + "\r\n").getBytes(ISO_8859_1) : due.answerBytes();
    }

    private Owed settle() {
        Owed oldest = owed.remove();
        bytes -= oldest.answer().length();
        return oldest;
    }
}
