package io.tidegate.proxy.it;

import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** What a server or sentinel wrote into its log: it can be read even where the process cannot be reached any more. */
final class ServerLog {
    /** {@code 1234:M 28 Nov 2026 19:51:32.123 * MASTER MODE enabled (user request from …)}. */
    private static final String PROMOTED = " \\* MASTER MODE enabled.*";

    /** {@code … * +failover-state-wait-promotion slave 127.0.0.1:7002 127.0.0.1 7002 @ mymaster 127.0.0.1 7001}. */
    private static final String ORDERED = " [*#] \\+failover-state-wait-promotion slave %s .*";

    private static final String STAMP = "\\d+:\\w (\\d.{23})";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd MMM yyyy HH:mm:ss.SSS", Locale.ENGLISH);

    private ServerLog() {}

    /**
     * When this server last turned from replica to primary, on the JVM's clock; {@link Ledger#FROM_THE_START} if it never
     * did. Not later than it was, and at most a millisecond earlier.
     */
    static long promotedNanos(RedisProcess server) throws IOException {
        return lastNanos(server, PROMOTED);
    }

    /**
     * When a sentinel last told this server to be primary; of one that was none the less still primary its own log has
     * nothing.
     */
    static long orderedNanos(List<RedisProcess> sentinels, RedisProcess server) throws IOException {
        long ordered = Ledger.FROM_THE_START;
        for (RedisProcess sentinel : sentinels) {
            ordered = Math.max(ordered, lastNanos(sentinel, ORDERED.formatted(Pattern.quote(server.endpoint()))));
        }
        return ordered;
    }

    private static long lastNanos(RedisProcess process, String line) throws IOException {
        Pattern pattern = Pattern.compile(STAMP + line);
        long last = Ledger.FROM_THE_START;
        for (String logged : Files.readAllLines(process.logFile())) {
            Matcher matcher = pattern.matcher(logged);
            if (matcher.matches()) {
                long millis = LocalDateTime.parse(matcher.group(1), TIME)
                        .atZone(ZoneId.systemDefault())
                        .toInstant()
                        .toEpochMilli();
                last = System.nanoTime() - (System.currentTimeMillis() - millis) * 1_000_000;
            }
        }
        return last;
    }

    /** Waits until one of these has logged this; returns which one. */
    static RedisProcess awaitLine(List<RedisProcess> processes, String text) {
        return Awaitility.await()
                .atMost(Stack.PATIENCE)
                .until(
                        () -> processes.stream()
                                .filter(process -> has(process, text))
                                .findFirst()
                                .orElse(null),
                        process -> process != null);
    }

    private static boolean has(RedisProcess process, String text) {
        try {
            return Files.readString(process.logFile()).contains(text);
        } catch (IOException e) {
            throw new AssertionError("no log of " + process, e);
        }
    }
}
