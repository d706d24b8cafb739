package io.tidegate.proxy.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What this proxy has said by itself over connections that are there for clients, as a server shows it to whoever monitors: so
 * greets a {@link Handshake} it, and so a script that it may lack goes ahead of a call. Kept only while somebody monitors, and
 * but the latest of each connection. Of all event loops, by any of which it may be called.
 */
public final class OwnCommands {
    private static final int KEPT_MAX = 64;

    private final AtomicInteger monitors = new AtomicInteger();
    private final Map<Place, Sent> byPlace = new ConcurrentHashMap<>();

    /** Two connections may have the same address if they are not to the same server. */
    private record Place(int nodeId, String address) {}

    private record Said(long serial, String line, long sentNanos, boolean script) {}

    /** What was sent over one connection, in that order. */
    public static final class Sent {
        private final Deque<Said> latest = new ArrayDeque<>();
        private long serial;

        private synchronized void add(String line, long sentNanos, boolean script) {
            if (latest.size() == KEPT_MAX) {
                latest.remove();
            }
            latest.add(new Said(serial++, line, sentNanos, script));
        }

        private synchronized void withdrawScripts() {
            latest.removeIf(Said::script);
        }

        /**
         * Which command {@code line} shows, of those from the {@code from}-th on that were sent after {@code sinceNanos}; -1 if
         * none. A server does not show those that it refused to run.
         */
        public synchronized long find(String line, long from, long sinceNanos) {
            for (Said said : latest) {
                if (said.serial() >= from && said.sentNanos() > sinceNanos && shows(line, said.line())) {
                    return said.serial();
                }
            }
            return -1;
        }

        private static boolean shows(String line, String said) {
            // What a client authenticates with is not shown.
            return line.equals(said) || (said.equals("\"AUTH\"") && line.startsWith(said));
        }
    }

    /** A client is about to monitor a server. */
    public void monitorBegins() {
        monitors.incrementAndGet();
    }

    public void monitorEnds() {
        if (monitors.decrementAndGet() == 0) {
            byPlace.clear();
        }
    }

    /** What was sent to a node from {@code address}, host and port as a server writes them; null if nothing is known of that. */
    public @Nullable Sent from(int nodeId, String address) {
        return byPlace.get(new Place(nodeId, address));
    }

    /** Words are about to be sent from {@code address}, which is null if servers know it by no such thing. */
    void says(int nodeId, @Nullable String address, long sentNanos, String... words) {
        if (address != null && monitors.get() > 0) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < (words[0].equals("AUTH") ? 1 : words.length); i++) {
                quote(line.append(i == 0 ? "" : " "), words[i]);
            }
            sent(nodeId, address).add(line.toString(), sentNanos, false);
        }
    }

    /** The same of what goes over a connection that is open. */
    public void says(UpstreamConnection connection, long sentNanos, String... words) {
        says(connection.nodeId(), connection.greeting().ownAddress(), sentNanos, words);
    }

    /** The same of SCRIPT LOAD. */
    public void loads(UpstreamConnection connection, byte[] source, long sentNanos) {
        String address = connection.greeting().ownAddress();
        if (address != null && monitors.get() > 0) {
            StringBuilder line = new StringBuilder("\"SCRIPT\" \"LOAD\" ");
            quote(line, new String(source, ISO_8859_1));
            sent(connection.nodeId(), address).add(line.toString(), sentNanos, true);
        }
    }

    /** A script's call got an error there: what went ahead may have been refused, too, and a client's own be shown yet. */
    public void callFailed(UpstreamConnection connection) {
        String address = connection.greeting().ownAddress();
        Sent sent = address == null ? null : from(connection.nodeId(), address);
        if (sent != null) {
            sent.withdrawScripts();
        }
    }

    private Sent sent(int nodeId, String address) {
        return byPlace.computeIfAbsent(new Place(nodeId, address), place -> new Sent());
    }

    /** The connection is closed. */
    void forget(int nodeId, String address) {
        byPlace.remove(new Place(nodeId, address));
    }

    /** As Redis writes a word: see its {@code sdscatrepr}. */
    private static void quote(StringBuilder to, String word) {
        to.append('"');
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            switch (c) {
                case '\\', '"' -> to.append('\\').append(c);
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                case '\b' -> to.append("\\b");
                case 7 -> to.append("\\a");
                default -> {
                    if (c >= ' ' && c <= '~') {
                        to.append(c);
                    } else {
                        to.append("\\x%02x".formatted((int) c));
                    }
                }
            }
        }
        to.append('"');
    }
}
