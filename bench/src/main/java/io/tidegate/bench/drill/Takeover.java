package io.tidegate.bench.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * When a server became primary, from its log: it writes {@code MASTER MODE enabled} while it runs the {@code SLAVEOF NO ONE}
 * of a sentinel, with a millisecond of the wall clock.
 */
final class Takeover {
    private static final Pattern LINE = Pattern.compile(
            "^\\d+:\\w (\\d{2} \\w{3} \\d{4} [\\d:]{8}\\.\\d{3}) \\* MASTER MODE enabled", Pattern.MULTILINE);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd MMM uuuu HH:mm:ss.SSS", Locale.ENGLISH);

    private Takeover() {}

    /** Every time that this server was told to be primary, in milliseconds of the epoch. */
    static List<Long> of(RedisProcess server) throws IOException {
        return of(Files.readString(server.logFile(), UTF_8), ZoneId.systemDefault());
    }

    /** @param zone in which the log was written */
    static List<Long> of(String log, ZoneId zone) {
        return LINE.matcher(log)
                .results()
                .map(line -> LocalDateTime.parse(line.group(1), TIME)
                        .atZone(zone)
                        .toInstant()
                        .toEpochMilli())
                .toList();
    }
}
