package io.tidegate.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the figures were measured on, to stand beside them. */
public final class Machine {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Pattern MODEL = Pattern.compile("^model name\\s*:\\s*(.*)$", Pattern.MULTILINE);

    private Machine() {}

    public static String description() throws IOException {
        Matcher model = MODEL.matcher(Files.exists(CPUINFO) ? Files.readString(CPUINFO) : "");
        return "%d processors (%s), %s %s, Java %s for the load"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        model.find() ? model.group(1) : System.getProperty("os.arch"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        Runtime.version());
    }
}
