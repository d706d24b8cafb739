package io.tidegate.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which processors are whose. A proxy that shares its own with nobody is charged with its own work only, and takes no
 * time from those who measure it.
 *
 * @param proxy where the proxies run, as {@code taskset} writes it; empty for anywhere
 * @param others where Redis and the load run; likewise
 */
public record Cpus(String proxy, String others) {
    static final Cpus ANY = new Cpus("", "");

    private static final Pattern ALLOWED = Pattern.compile("^Cpus_allowed_list:\\s+([-,\\d]+)$", Pattern.MULTILINE);

    /** The first processor that we may use for the others, the second for the proxy; any if there is no choice. */
    public static Cpus ofThisMachine() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && Programs.find("taskset").isPresent() ? of(Files.readString(status)) : ANY;
    }

    /** @param status {@code /proc/<pid>/status} */
    static Cpus of(String status) {
        Matcher allowed = ALLOWED.matcher(status);
        List<Integer> numbers = allowed.find() ? numbers(allowed.group(1)) : List.of();
        return numbers.size() < 2
                ? ANY
                : new Cpus(numbers.get(1).toString(), numbers.get(0).toString());
    }

    /** The command, to be run on these processors only: a JVM then counts no others. */
    static List<String> pinned(String cpus, List<String> command) {
        return cpus.isEmpty()
                ? command
                : Stream.concat(Stream.of("taskset", "-c", cpus), command.stream())
                        .toList();
    }

    /** Moves a running process with all its threads. */
    static void pin(String cpus, long pid) throws IOException, InterruptedException {
        if (!cpus.isEmpty()) {
            Programs.output(List.of("taskset", "-a", "-c", "-p", cpus, Long.toString(pid)));
        }
    }

    @Override
    public String toString() {
        return proxy.isEmpty() && others.isEmpty()
                ? "nothing pinned to any processor"
                : "proxy on processor " + (proxy.isEmpty() ? "any" : proxy) + ", Redis and the load on "
                        + (others.isEmpty() ? "any" : others);
    }

    /** {@code 0-2,5} is 0, 1, 2, 5. */
    private static List<Integer> numbers(String list) {
        return Stream.of(list.split(",", -1))
                .map(range -> range.split("-", -1))
                .flatMapToInt(ends ->
                        IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
                .boxed()
                .toList();
    }
}
