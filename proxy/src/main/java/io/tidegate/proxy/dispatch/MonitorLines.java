package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.upstream.OwnCommands;
import io.tidegate.routing.Instants;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a server shows a client that monitors it, {@code +1700000000.123456 [0 127.0.0.1:7] "ROLE"}: which of it the proxy has
 * asked by itself, so that no client sent it.
 *
 * <p>Of connections for clients only that is taken for the proxy's own which was sent after the server was known to show all,
 * and each command once, in their order: what else is sent there in the same words is a client's.
 */
final class MonitorLines {
    /** So much of a line tells from where it comes. */
    private static final int HEAD_BYTES_MAX = 512;

    private static final String ADDRESS_END = "] \"";

    private final int nodeId;
    /** Whether from an address, as Redis writes it, only commands of the proxy's own come. */
    private final Predicate<String> own;

    private final OwnCommands ownCommands;
    /** The first command of each connection that was not shown yet. */
    private final Map<OwnCommands.Sent, Long> next = new WeakHashMap<>();

    private boolean on;
    /** An instant after the server began; {@link Instants#UNKNOWN} while that is not known. */
    private long sinceNanos = Instants.UNKNOWN;

    private boolean firstOnPipe;

    MonitorLines(int nodeId, Predicate<String> own, OwnCommands ownCommands) {
        this.nodeId = nodeId;
        this.own = own;
        this.ownCommands = ownCommands;
    }

    /** MONITOR is about to be sent, as the first command of its pipe or not. */
    void begin(boolean first) {
        if (!on) {
            on = true;
            firstOnPipe = first;
            ownCommands.monitorBegins();
        }
    }

    void end() {
        if (on) {
            on = false;
            sinceNanos = Instants.UNKNOWN;
            next.clear();
            ownCommands.monitorEnds();
        }
    }

    boolean on() {
        return on;
    }

    /** Whether the frame [from, to), which is whole and was read at {@code readNanos}, tells of a command of the proxy's own. */
    boolean tellsOfOwn(ByteBuf bytes, int from, int to, long readNanos) {
        if (bytes.getByte(from) != '+') {
            firstOnPipe = false;
            return false;
        }
        int end = Math.min(to, from + HEAD_BYTES_MAX);
        int database = bytes.indexOf(from, end, (byte) '[');
        int address = database < 0 ? -1 : bytes.indexOf(database, end, (byte) ' ') + 1;
        int quote = address <= 0 ? -1 : bytes.indexOf(address, end, (byte) '"');
        int addressEnd = quote - ADDRESS_END.length() + 1;
        boolean line = quote >= 0 && addressEnd > address && bytes.getByte(addressEnd) == ADDRESS_END.charAt(0);
        if (sinceNanos == Instants.UNKNOWN && (line || firstOnPipe)) {
            // The first frame answers MONITOR; and whatever line came, the server had begun.
            sinceNanos = readNanos;
        }
        firstOnPipe = false;
        if (!line) {
            return false;
        }
        String speaker = bytes.toString(address, addressEnd - address, ISO_8859_1);
        return own.test(speaker) || saidAmongClients(speaker, bytes, quote, to - 2);
    }

    private boolean saidAmongClients(String speaker, ByteBuf bytes, int from, int to) {
        OwnCommands.@Nullable Sent sent = ownCommands.from(nodeId, speaker);
        if (sent == null) {
            return false;
        }
        String command = bytes.toString(from, to - from, ISO_8859_1);
        long found = sent.find(command, next.getOrDefault(sent, 0L), sinceNanos);
        if (found >= 0) {
            next.put(sent, found + 1);
        }
        return found >= 0;
    }
}
