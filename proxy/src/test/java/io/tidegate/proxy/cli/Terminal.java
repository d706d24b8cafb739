package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;

/** Runs commands in this process and keeps what they print. */
final class Terminal {
    final Lifetime lifetime = new Lifetime();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    int run(Map<String, String> variables, String... args) {
        return Main.run(
                args,
                new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), variables, lifetime));
    }

    int run(String... args) {
        return run(Map.of(), args);
    }

    String out() {
        return out.toString(UTF_8);
    }

    String err() {
        return err.toString(UTF_8);
    }
}
