package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.loop.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code tidegate train}: what a proxy does in its first seconds, done once on servers of this command's own and ended in
 * good order, with every transport that works here. The launcher has the JVM record it, and the record (an archive of
 * classes; on newer JVMs also of what was compiled) makes later starts quick.
 */
final class TrainCommand implements Command {
    /** Enough for what a request needs to be compiled, which newer JVMs remember. */
    private static final Duration LOAD = Duration.ofMillis(1500);

    private final Console console;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "train";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Serves its own clients on servers of its own for some seconds and ends: what the launcher records to"
                        + " make later starts quick.");
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public int run(Arguments arguments) throws ConfigException, IOException, InterruptedException {
        try (LocalRedis redis = LocalRedis.builder().start()) {
            Path config = DemoConfig.write(redis, 0);
            for (Transport transport : Transport.values()) {
                if (transport.unavailabilityCause() == null
                        && !console.lifetime().stopped()) {
                    serve(config, transport);
                }
            }
        }
        return Main.OK;
    }

    /** As the command of that name does: what only that goes through is in the record, too. */
    private void serve(Path config, Transport transport) throws ConfigException, IOException, InterruptedException {
        Map<String, String> variables =
                Map.of("TIDEGATE_TRANSPORT", transport.name().toLowerCase(Locale.ROOT));
        Console asSet = new Console(console.out(), console.err(), variables, console.lifetime());
        new ServeCommand(asSet).serve(config, false, this::use);
    }

    private void use(Tidegate tidegate) throws IOException, InterruptedException {
        console.out().println(ReadyLine.text(tidegate));
        console.out().println(ReadyLine.json(tidegate, Map.of()));
        try (Workload workload = Workload.start(tidegate.listeners(), tidegate.clock())) {
            console.lifetime().await(LOAD);
            console.out().println(workload.result());
        }
        BindAddress admin = tidegate.adminAddress();
        if (admin != null) {
            console.out().println(get(admin, "/readyz"));
            get(admin, "/metrics");
            get(admin, "/topology");
        }
    }

    private static String get(BindAddress admin, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(admin.socketAddress());
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
