package io.tidegate.bench.stage;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Tidegate with everything switched on: sentinels, replicas, lease, metrics; or with other settings.
 *
 * @param launcher the checkout's {@code tidegate}
 * @param settings in place of the ones that it is given, by path: {@code transport}, {@code listeners.0.consistency}; and
 *     options of its JVM, {@code -Dtidegate.uncounted}
 */
record TidegateSubject(String name, Path launcher, Map<String, String> settings) implements Subject {
    static final String NAME = "tidegate";

    private static final String JAVA_OPTIONS = "TIDEGATE_JAVA_OPTS";

    /** What a setting begins with that is an option of its JVM, and stands for itself, without a value. */
    static final String OPTION = "-";

    private static final Duration READY_MAX = Duration.ofSeconds(60);

    TidegateSubject {
        settings = Map.copyOf(settings);
    }

    @Override
    public Optional<String> missing() {
        return Files.isExecutable(launcher)
                ? Optional.empty()
                : Optional.of(launcher + " is not there (expected: the tidegate of a checkout)");
    }

    @Override
    public Running start(Stage stage) throws IOException, InterruptedException {
        Path config = stage.file(name, ".yaml");
        Files.writeString(config, config(stage.redis()));
        List<String> command = List.of(launcher.toString(), "serve", "--config", config.toString(), "--json");
        Child child = new Child(
                name, stage.file(name, ".log"), Cpus.pinned(stage.cpus().proxy(), command), variables(settings));
        try {
            JsonNode ready = new ObjectMapper().readTree(child.line(READY_MAX));
            InetSocketAddress address = address(ready.path("listeners").path(0).path("address"));
            Running.awaitAnswer(child, address);
            return new Running(name, address, child, version(), Optional.of(address(ready.path("admin"))));
        } catch (IOException | InterruptedException | RuntimeException e) {
            child.close();
            throw e;
        }
    }

    private static InetSocketAddress address(JsonNode json) {
        NodeAddress address = NodeAddress.parse(json.asText());
        return new InetSocketAddress(address.host(), address.port());
    }

    private String version() throws IOException, InterruptedException {
        return Programs.output(List.of(launcher.toString(), "--version"));
    }

    private static String config(LocalRedis redis) {
        String sentinels = redis.sentinels().stream()
                .map(RedisProcess::endpoint)
                .map(endpoint -> '"' + endpoint + '"')
                .collect(joining(", "));
        return """
                listeners:
                  - {address: "127.0.0.1:0", consistency: session}
                upstream:
                  sentinel: {master: %s, nodes: [%s]}
                fence: lease
                admin: {address: "127.0.0.1:0"}
                """.formatted(LocalRedis.MASTER_NAME, sentinels);
    }

    /** Tidegate takes every setting from the environment too, and its launcher options for the JVM. */
    static Map<String, String> variables(Map<String, String> settings) {
        Map<String, String> variables = new LinkedHashMap<>();
        StringJoiner options = new StringJoiner(" ");
        String given = System.getenv(JAVA_OPTIONS);
        if (given != null) {
            options.add(given);
        }
        settings.forEach((path, value) -> {
            if (path.startsWith(OPTION)) {
                options.add(path);
            } else {
                variables.put("TIDEGATE_" + path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"), value);
            }
        });
        if (options.length() > 0) {
            variables.put(JAVA_OPTIONS, options.toString());
        }
        return variables;
    }
}
