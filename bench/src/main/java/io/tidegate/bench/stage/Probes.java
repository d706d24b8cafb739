package io.tidegate.bench.stage;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often servers were asked how far they are, by {@code ROLE} or {@code INFO}, since they were started, and what time of
 * theirs that took ({@code INFO commandstats}; reading the command and sending the reply are not in it). Whoever asks is
 * counted: a proxy that wants evidence, a sentinel every 10 s, and this itself.
 *
 * @param micros of the servers' one thread
 */
public record Probes(long calls, long micros) {
    private static final List<String> COMMANDS = List.of("cmdstat_role", "cmdstat_info");
    private static final Pattern STATISTICS = Pattern.compile("calls=(\\d+),usec=(\\d+),.*");
    private static final Probes NONE = new Probes(0, 0);

    /** Of all servers of these together. */
    public static Probes of(LocalRedis redis) throws IOException {
        Probes sum = NONE;
        for (RedisProcess server : redis.servers()) {
            try (RedisCommandClient client = server.connect()) {
                sum = sum.plus(of(client.info("commandstats")));
            }
        }
        return sum;
    }

    /** Of one server; a command that it was never given is not in its statistics. */
    static Probes of(Map<String, String> commandStatistics) {
        Probes sum = NONE;
        for (String command : COMMANDS) {
            String statistics = commandStatistics.get(command);
            if (statistics != null) {
                Matcher fields = STATISTICS.matcher(statistics);
                if (!fields.matches()) {
                    throw new IllegalArgumentException(command + ": '" + statistics + "' (expected: calls=N,usec=N,…)");
                }
                sum = sum.plus(new Probes(Long.parseLong(fields.group(1)), Long.parseLong(fields.group(2))));
            }
        }
        return sum;
    }

    private Probes plus(Probes other) {
        return new Probes(calls + other.calls, micros + other.micros);
    }

    /** What was added since. */
    public Probes since(Probes earlier) {
        return new Probes(calls - earlier.calls, micros - earlier.micros);
    }
}
