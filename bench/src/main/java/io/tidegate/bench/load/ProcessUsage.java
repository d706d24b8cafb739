package io.tidegate.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Linux says of a process in <a href="https://man7.org/linux/man-pages/man5/proc.5.html">proc(5)</a>.
 *
 * @param cpuNanos user and system time of all its threads, those that have ended included, in steps of 10 ms
 * @param residentBytes its share of the machine's memory, shared libraries included
 */
public record ProcessUsage(long cpuNanos, long residentBytes) {
    /** {@code USER_HZ} is 100 on every architecture that a JDK of 17 or later runs on, whatever the kernel's own ticks. */
    private static final long TICK_NANOS = 10_000_000;

    // Of the fields behind the name, which is the second and may contain anything.
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    private static final Pattern RESIDENT = Pattern.compile("^VmRSS:\\s+(\\d+) kB$", Pattern.MULTILINE);

    /**
     * What it has used since it was started.
     *
     * @throws IOException if there is no such process, or no such thing as {@code /proc}
     */
    public static ProcessUsage of(long pid) throws IOException {
        Path directory = Path.of("/proc", Long.toString(pid));
        return parse(Files.readString(directory.resolve("stat")), Files.readString(directory.resolve("status")));
    }

    /** @throws IOException if this is not what {@code /proc/<pid>/stat} and {@code status} look like */
    static ProcessUsage parse(String stat, String status) throws IOException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        Matcher resident = RESIDENT.matcher(status);
        if (fields.length <= SYSTEM_TICKS || !resident.find()) {
            throw new IOException("not the stat and status of a living process: " + stat);
        }
        long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
        return new ProcessUsage(ticks * TICK_NANOS, Long.parseLong(resident.group(1)) * 1024);
    }

    /** The processor time used since then, and the memory of now. */
    ProcessUsage since(ProcessUsage before) {
        return new ProcessUsage(cpuNanos - before.cpuNanos, residentBytes);
    }
}
