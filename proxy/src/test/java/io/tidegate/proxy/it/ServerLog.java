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
    private static final Pattern PROMOTED = Pattern.compile("\\d+:\\w (\\d.{23}) \\* MASTER MODE enabled.*");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd MMM yyyy HH:mm:ss.SSS", Locale.ENGLISH);

    private ServerLog() {}

    /**
     * When this server last turned from replica to primary, on the JVM's clock; {@link Ledger#FROM_THE_START} if it never
     * did. Not later than it was, and at most a millisecond earlier.
     */
    static long promotedNanos(RedisProcess server) throws IOException {
        long promoted = Ledger.FROM_THE_START;
        for (String line : Files.readAllLines(server.logFile())) {
            Matcher matcher = PROMOTED.matcher(line);
            if (matcher.matches()) {
                long millis = LocalDateTime.parse(matcher.group(1), TIME)
                        .atZone(ZoneId.systemDefault())
                        .toInstant()
                        .toEpochMilli();
                promoted = System.nanoTime() - (System.currentTimeMillis() - millis) * 1_000_000;
            }
        }
        return promoted;
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
