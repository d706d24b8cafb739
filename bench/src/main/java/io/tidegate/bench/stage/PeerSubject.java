package io.tidegate.bench.stage;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A proxy by others in front of the primary.
 *
 * @param program its executable, if it is installed
 */
record PeerSubject(Peer peer, Optional<Path> program) implements Subject {
    @Override
    public String name() {
        return peer.subject();
    }

    @Override
    public Optional<String> missing() {
        return program.isPresent() ? Optional.empty() : Optional.of(peer.program() + " is not installed");
    }

    @Override
    public Running start(Stage stage) throws IOException, InterruptedException {
        InetSocketAddress address = Stage.freeAddress();
        Path config = stage.file(name(), ".conf");
        Map<String, String> values = Map.of(
                "listen", Stage.text(address),
                "redis", stage.redis().primary().endpoint(),
                "config", config.toString(),
                "free-port", Integer.toString(Stage.freeAddress().getPort()));
        LocalRedis redis = stage.redis();
        String each = repeated(repeated(peer.config(), "{server}", redis.servers()), "{sentinel}", redis.sentinels());
        Files.writeString(config, filled(each, values));
        List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString()));
        peer.arguments().forEach(argument -> command.add(filled(argument, values)));

        Child child = new Child(
                name(), stage.file(name(), ".log"), Cpus.pinned(stage.cpus().proxy(), command), Map.of());
        try {
            Running.awaitAnswer(child, address);
            return new Running(name(), address, child, version(), Optional.empty());
        } catch (IOException | InterruptedException | RuntimeException e) {
            child.close();
            throw e;
        }
    }

    private String version() throws IOException, InterruptedException {
        return Programs.output(List.of(program.orElseThrow().toString(), peer.versionOption()))
                .lines()
                .findFirst()
                .orElse("");
    }

    /** Writes a line that names a process once for each of them. */
    private static String repeated(String template, String name, List<RedisProcess> processes) {
        StringBuilder text = new StringBuilder();
        for (String line : template.lines().toList()) {
            if (!line.contains(name)) {
                text.append(line).append('\n');
                continue;
            }
            for (int i = 0; i < processes.size(); i++) {
                text.append(line.replace(name, processes.get(i).endpoint()).replace("{n}", Integer.toString(i)))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String filled(String template, Map<String, String> values) {
        String text = template;
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("{" + value.getKey() + "}", value.getValue());
        }
        return text;
    }
}
