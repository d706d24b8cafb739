package io.tidegate.bench.stage;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads which subjects were asked for. */
public final class Subjects {
    /** For help and error texts. */
    public static final String EXPECTED =
            "direct, direct+wait, tidegate, tidegate+<setting>=<value>, tidegate+-<JVM option>, nutcracker, haproxy, haproxy-checks,"
                    + " predixy or predixy-sentinel";

    private Subjects() {}

    /**
     * Reads names.
     *
     * @param launcher the checkout's {@code tidegate}
     * @param predixy its program, which is in no distribution
     * @throws IllegalArgumentException with what was expected
     */
    public static List<Subject> parse(List<String> names, Path launcher, @Nullable Path predixy) {
        Set<String> seen = new HashSet<>();
        return names.stream()
                .map(name -> {
                    if (!seen.add(name)) {
                        throw new IllegalArgumentException("subject: '" + name + "' twice (expected: once)");
                    }
                    return parse(name, launcher, predixy);
                })
                .toList();
    }

    private static Subject parse(String name, Path launcher, @Nullable Path predixy) {
        if (name.equals(DirectSubject.NAME) || name.equals(DirectSubject.WAITING)) {
            return new DirectSubject(name.equals(DirectSubject.WAITING));
        }
        String[] parts = name.split("\\+", -1);
        if (parts[0].equals(TidegateSubject.NAME)) {
            return new TidegateSubject(name, launcher, settings(name, parts));
        }
        Peer peer = Stream.of(Peer.values())
                .filter(each -> each.subject().equals(name))
                .findFirst()
                .orElseThrow(() -> unexpected(name));
        return new PeerSubject(
                peer,
                peer.program().equals(Peer.PREDIXY.program())
                        ? Optional.ofNullable(predixy)
                        : Programs.find(peer.program()));
    }

    private static Map<String, String> settings(String name, String[] parts) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith(TidegateSubject.OPTION)) {
                settings.put(parts[i], "");
                continue;
            }
            int equals = parts[i].indexOf('=');
            if (equals < 1) {
                throw unexpected(name);
            }
            settings.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
        }
        return settings;
    }

    private static IllegalArgumentException unexpected(String name) {
        return new IllegalArgumentException("subject: '" + name + "' (expected: " + EXPECTED + ")");
    }
}
