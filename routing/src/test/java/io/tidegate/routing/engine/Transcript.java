package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What real servers said, recorded line by line: the instant of reading in milliseconds, who (N1 to N3 the nodes, S1 to
 * S3 the sentinels), the number of the connection, what kind of event, and its fields in the order of the wire. Run ids
 * are cut to eight digits.
 */
record Transcript(List<Line> lines) {
    static final int NODE_PORT = 17_200;
    static final int SENTINEL_PORT = 17_300;

    /** One event and when it was read; a null event is a remark of who recorded it. */
    record Line(long readNanos, @Nullable Event event, String remark) {}

    static Transcript read(String name) {
        List<Line> lines = new ArrayList<>();
        text(name).lines().filter(line -> !line.startsWith("#")).forEach(line -> lines.add(line(line)));
        return new Transcript(lines);
    }

    static String text(String name) {
        InputStream resource = Transcript.class.getResourceAsStream(name);
        if (resource == null) {
            throw new IllegalArgumentException("no such transcript: " + name);
        }
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
            StringBuilder text = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                text.append(line).append('\n');
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Line line(String text) {
        String[] words = text.split(" ", -1);
        long read = nanos(words[0]);
        if (words[1].equals("#")) {
            return new Line(read, null, words[2]);
        }
        String number = words[1].substring(1);
        boolean sentinel = words[1].startsWith("S");
        NodeAddress who =
                NodeAddress.parse("127.0.0.1:" + ((sentinel ? SENTINEL_PORT : NODE_PORT) + Integer.parseInt(number)));
        long link = Long.parseLong(words[2]);
        String[] fields = Arrays.copyOfRange(words, 4, words.length);
        return new Line(read, event(words[3], sentinel, who, link, read, fields), "");
    }

    private static Event event(String kind, boolean sentinel, NodeAddress who, long link, long read, String[] fields) {
        return switch (kind) {
            case "report" -> new Event.SentinelReport(who, link, nanos(fields[0]), read, state(fields));
            case "message" ->
                new Event.SentinelMessage(
                        who,
                        link,
                        read,
                        fields[0],
                        String.join(" ", Arrays.asList(fields).subList(1, fields.length)));
            case "info" -> new Event.NodeInfo(who, link, nanos(fields[0]), read, info(fields));
            case "role" -> new Event.NodeRole(who, link, nanos(fields[0]), read, role(fields));
            case "lost" ->
                sentinel ? new Event.SentinelLost(who, link, fields[0]) : new Event.NodeLost(who, link, fields[0]);
            default -> throw new IllegalArgumentException("no such event: " + kind);
        };
    }

    private static SentinelState state(String[] f) {
        String[] vote = f[11].split(":", -1);
        return new SentinelState(
                NodeAddress.parse(f[1]),
                Long.parseLong(f[2]),
                Set.of(f[3].split(",", -1)),
                f[4],
                f[5].equals("-") ? "" : f[5],
                Integer.parseInt(f[6]),
                Integer.parseInt(f[7]),
                millis(f[8]),
                Said.FAILOVER_TIMEOUT_MS * Story.MS,
                millis(f[9]),
                f[10].equals("-") ? null : f[10],
                vote[1].equals("0") ? null : new SentinelState.Vote(vote[0], Long.parseLong(vote[1])),
                f[12].equals("1"),
                f[13],
                addresses(f[14]),
                addresses(f[15]));
    }

    private static ReplicationInfo info(String[] f) {
        boolean primary = f[1].equals("master");
        return new ReplicationInfo(
                f[2],
                primary,
                f[3],
                f[4].equals("-") ? null : f[4],
                Long.parseLong(f[5]),
                Long.parseLong(f[6]),
                primary ? null : NodeAddress.parse(f[7]),
                f[8].equals("up"),
                f[9].equals("1"),
                f[10].equals("1"),
                f[11].equals("1"),
                addresses(f[12]));
    }

    private static Role role(String[] f) {
        return f[1].equals("master")
                ? new Role.Primary(Long.parseLong(f[2]))
                : new Role.Replica(NodeAddress.parse(f[2]), f[3], Long.parseLong(f[4]));
    }

    private static List<NodeAddress> addresses(String list) {
        return list.equals("-") || list.isEmpty()
                ? List.of()
                : Arrays.stream(list.split(",", -1)).map(NodeAddress::parse).toList();
    }

    private static long nanos(String millis) {
        return Math.round(Double.parseDouble(millis) * 1_000_000) + Story.MS;
    }

    private static long millis(String millis) {
        return Long.parseLong(millis) * Story.MS;
    }
}
