package io.tidegate.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The console: one page, as it is in the jar, and nothing else that is there. It asks for nothing of any other host. */
public final class ConsoleFiles {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    /** @param type its media type */
    record File(String type, String text) {}

    /** By path. */
    static final Map<String, File> ALL = Stream.of(
                    Map.entry("/", file("index.html", HTML)),
                    Map.entry("/console.css", file("console.css", STYLE)),
                    Map.entry("/look.css", file("look.css", STYLE)),
                    Map.entry("/icon.svg", file("icon.svg", "image/svg+xml")),
                    script("actions.js"),
                    script("config.js"),
                    script("draw.js"),
                    script("explain.js"),
                    script("failovers.js"),
                    script("insight.js"),
                    script("main.js"),
                    script("metrics.js"),
                    script("pressure.js"),
                    script("shard.js"),
                    script("traffic.js"))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private ConsoleFiles() {}

    /** The style sheet of colours, type and pills, for whatever else is to look like the console. */
    public static String look() {
        return file("look.css", STYLE).text();
    }

    private static Map.Entry<String, File> script(String name) {
        return Map.entry("/" + name, file(name, SCRIPT));
    }

    private static File file(String name, String type) {
        try (InputStream stream = ConsoleFiles.class.getResourceAsStream("console/" + name)) {
            if (stream == null) {
                throw new IllegalStateException("not in the jar: " + name);
            }
            return new File(type, new String(stream.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
