package io.tidegate.routing.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;

/**
 * What sentinels say while something is done to them, as {@code sentinel-scripts.txt} has it for the model and for real
 * ones: order and kinds of messages, not their times.
 *
 * @param leader channels, of who promoted a replica
 * @param follower channels, of every other one
 */
record SentinelScript(List<String> leader, List<String> follower) {
    private static final String LED = "leader: ";
    private static final String FOLLOWED = "follower: ";

    static SentinelScript named(String name) {
        List<String> lines = lines();
        int at = lines.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("no script: " + name);
        }
        return new SentinelScript(channels(lines.get(at + 1), LED), channels(lines.get(at + 2), FOLLOWED));
    }

    private static List<String> lines() {
        try (InputStream in =
                Objects.requireNonNull(SentinelScript.class.getResourceAsStream("sentinel-scripts.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> channels(String line, String kind) {
        if (!line.startsWith(kind)) {
            throw new IllegalArgumentException("line: " + line + " (expected: " + kind + "...)");
        }
        return List.of(line.substring(kind.length()).split(" "));
    }

    static boolean led(List<String> said) {
        return said.contains("+promoted-slave");
    }

    /** What the script tells of a leader: since it tried last, each channel at its first message. */
    List<String> asLeader(List<String> said) {
        List<String> lately = said.subList(said.lastIndexOf("+try-failover"), said.size());
        List<String> once = new ArrayList<>(new LinkedHashSet<>(lately));
        once.retainAll(leader);
        return once;
    }

    /** What it tells of a follower: each channel at its last message. */
    List<String> asFollower(List<String> said) {
        List<String> last = new ArrayList<>();
        for (String channel : said) {
            last.remove(channel);
            last.add(channel);
        }
        last.retainAll(follower);
        return last;
    }
}
