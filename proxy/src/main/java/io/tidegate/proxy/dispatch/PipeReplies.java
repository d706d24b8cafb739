package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.routing.command.CommandSpec;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What comes over a pipe, cut into frames, of which few do not go on as they came. Of one session, on its event loop.
 *
 * <p>It hears of whom it redirects to (CLIENT TRACKING … REDIRECT) by that client's number here, where the server says the one
 * of the connection that stands for it. Nobody matches a pipe's replies, and GETREDIR's could be any number; so TRACKINGINFO is
 * sent in its place, which is known by its looks, and one after the other.
 *
 * <p>Who monitors does not see what this proxy asks servers all the time to know how they are, nor how it greets one or brings
 * it scripts: no client sent that.
 */
final class PipeReplies {
    private enum Asked {
        NUMBER,
        INFO
    }

    private static final String TRACKING_INFO = "client|trackinginfo";
    private static final Pattern INFO =
            Pattern.compile("\\A([*%]\\d+\r\n\\$5\r\nflags\r\n.*?\\$8\r\nredirect\r\n:)(-?\\d+)", Pattern.DOTALL);
    private static final Pattern BROKEN = Pattern.compile("\\A(>2\r\n\\$21\r\n" + Redirect.BROKEN + "\r\n:)(-?\\d+)");
    /** By the end of so much of a frame it is known whether there is such a number in it, and there it is. */
    private static final int HEAD_BYTES_MAX = 512;
    /** Of more clients than the server may still speak of, the earliest is forgotten. */
    private static final int CLIENTS_MAX = 64;

    private final ByteBufAllocator alloc;
    private final MonitorLines monitorLines;
    private final ReplyScanner scanner;
    /** The client's number by that of the connection that stands for it. */
    private final Map<Long, Long> clients = new LinkedHashMap<>();

    private final OwnAnswers own;
    private final Queue<Asked> asked = new ArrayDeque<>();
    /** What has begun and is too short to be judged, from its first byte on. */
    private @Nullable ByteBuf head;
    /** The beginning of what comes next was passed on. */
    private boolean midFrame;
    /** What came cannot be cut into frames: all else goes on as it comes. */
    private boolean unframed;

    // What its client has sent.
    private boolean inTransaction;
    private boolean repliesOff;
    private boolean perhapsSkipped;
    private boolean began;

    PipeReplies(ByteBufAllocator alloc, Limits limits, boolean repliesOff, MonitorLines monitorLines, OwnAnswers own) {
        this.alloc = alloc;
        this.scanner = new ReplyScanner(limits);
        this.repliesOff = repliesOff;
        this.monitorLines = monitorLines;
        this.own = own;
    }

    /** The server may speak from now on of its {@code number}, which stands for {@code client}. */
    void mayTell(long number, long client) {
        clients.remove(number);
        clients.put(number, client);
        if (clients.size() > CLIENTS_MAX) {
            clients.remove(clients.keySet().iterator().next());
        }
    }

    /** Whether the reply to a command will have a number which cannot be found there. */
    boolean wouldTellServers(CommandSpec spec) {
        return asks(spec) && !repliesOff && (unframed || inTransaction || perhapsSkipped);
    }

    private boolean asks(CommandSpec spec) {
        return !clients.isEmpty()
                && (spec.name().equals("client|getredir") || spec.name().equals(TRACKING_INFO));
    }

    /** What is to be sent instead of the command, which is about to be; null if it is itself. */
    byte @Nullable [][] instead(@Nullable CommandSpec spec, RequestArgs args) {
        if (spec == null || repliesOff || !asks(spec) || !spec.arityFits(args.count())) {
            return null;
        }
        asked.add(spec.name().equals(TRACKING_INFO) ? Asked.INFO : Asked.NUMBER);
        return new byte[][] {"CLIENT".getBytes(ISO_8859_1), "TRACKINGINFO".getBytes(ISO_8859_1)};
    }

    /** Whether the proxy answers the command by itself, and can have its answer come where the server's would. */
    boolean takesAnswerTo(CommandSpec spec, RequestArgs args) {
        return OwnAnswers.concern(spec) && spec.arityFits(args.count()) && takesAnswers();
    }

    /** The same of a command that is the proxy's to answer in any case. */
    boolean takesAnswers() {
        return !unframed && !inTransaction;
    }

    boolean off() {
        return repliesOff;
    }

    /** What is to be sent with a PING instead of the command, which the proxy has answered. */
    String owe(CommandSpec spec, byte[] answer) {
        return own.owe(spec, answer);
    }

    long owedBytes() {
        return own.bytes();
    }

    /** A command was sent. */
    void sent(@Nullable CommandSpec spec, RequestArgs args) {
        boolean first = !began;
        began = true;
        perhapsSkipped = false;
        if (spec == null || !spec.arityFits(args.count())) {
            return;
        }
        own.sent(spec);
        switch (spec.name()) {
            case "multi" -> inTransaction = true;
            case "exec", "discard" -> inTransaction = false;
            case "monitor" -> monitorLines.begin(first && !repliesOff);
            case "reset" -> {
                monitorLines.end();
                inTransaction = false;
                repliesOff = false;
            }
            case "client|reply" -> {
                repliesOff = args.is(2, "OFF") || (repliesOff && !args.is(2, "ON"));
                perhapsSkipped = args.is(2, "SKIP");
            }
            default -> {}
        }
    }

    /** What of {@code chunk}, which stays the caller's, and of what came before is to go on; the caller's to release. */
    ByteBuf translated(ByteBuf chunk, long readNanos) {
        if (unframed || (clients.isEmpty() && !monitorLines.on() && own.none() && head == null)) {
            skim(chunk);
            return chunk.retain();
        }
        ByteBuf all =
                head == null ? chunk.retain() : head.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
        head = null;
        ByteBuf out = alloc.buffer(all.readableBytes() + 64);
        try {
            translate(all, out, readNanos);
            return out;
        } catch (Throwable e) {
            out.release();
            throw e;
        } finally {
            all.release();
        }
    }

    private void skim(ByteBuf chunk) {
        int at = chunk.readerIndex();
        while (!unframed && at < chunk.writerIndex()) {
            at = scanner.next(chunk, at, chunk.writerIndex());
            midFrame = !scanner.complete();
            unframed = scanner.error() != null;
        }
    }

    private void translate(ByteBuf all, ByteBuf out, long readNanos) {
        int end = all.writerIndex();
        int at = all.readerIndex();
        while (at < end) {
            int from = at;
            boolean begins = !midFrame;
            at = scanner.next(all, from, end);
            if (scanner.error() != null) {
                unframed = true;
                out.writeBytes(all, from, end - from);
                return;
            }
            if (begins && !scanner.complete() && end - from < HEAD_BYTES_MAX) {
                head = alloc.buffer(HEAD_BYTES_MAX).writeBytes(all, from, end - from);
                scanner.reset();
                return;
            }
            midFrame = !scanner.complete();
            byte @Nullable [] answer = begins && scanner.complete() ? own.insteadOf(all, from, at) : null;
            if (answer != null) {
                out.writeBytes(answer);
            } else if (begins && mayHaveNumber(all.getByte(from))) {
                frame(all, from, at, out);
            } else if (!(begins && scanner.complete() && isOwn(all, from, at, readNanos))) {
                out.writeBytes(all, from, at - from);
            }
        }
    }

    private boolean isOwn(ByteBuf bytes, int from, int to, long readNanos) {
        return monitorLines.on() && monitorLines.tellsOfOwn(bytes, from, to, readNanos);
    }

    private boolean mayHaveNumber(byte type) {
        return type == '>' || (!asked.isEmpty() && (type == '*' || type == '%' || type == '-'));
    }

    /** Of the frame that begins at {@code from} everything up to {@code to} is here. */
    private void frame(ByteBuf bytes, int from, int to, ByteBuf out) {
        int length = Math.min(to - from, HEAD_BYTES_MAX);
        String text = bytes.toString(from, length, ISO_8859_1);
        if (text.charAt(0) == '-') {
            out.writeCharSequence(refused(text), ISO_8859_1);
        } else {
            boolean push = text.charAt(0) == '>';
            Matcher matcher = (push ? BROKEN : INFO).matcher(text);
            if (matcher.find()) {
                long number = Long.parseLong(matcher.group(2));
                long client = clients.getOrDefault(number, number);
                if (!push && asked.remove() == Asked.NUMBER) {
                    RespWriter.integer(out, client);
                    return;
                }
                text = matcher.group(1) + client + text.substring(matcher.end());
            }
            out.writeCharSequence(text, ISO_8859_1);
        }
        out.writeBytes(bytes, from + length, to - from - length);
    }

    /** An error, which if it is that TRACKINGINFO may not be asked for is told of what was. */
    private String refused(String error) {
        if (!error.startsWith("-NOPERM ") || !error.contains("'" + TRACKING_INFO + "'")) {
            return error;
        }
        return asked.remove() == Asked.NUMBER ? error.replace(TRACKING_INFO, "client|getredir") : error;
    }

    void release() {
        ByteBuf begun = head;
        head = null;
        monitorLines.end();
        if (begun != null) {
            begun.release();
        }
    }
}
