package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.local.LocalRedisException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate}. */
@Command(
        name = "tidegate",
        description = "A replication-aware Redis proxy.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 success, 1 failure at run time, 2 wrong command line or configuration.",
            "Environment: TIDEGATE_LOG_LEVEL (trace | debug | info | warn | error; info, for demo error), and one variable"
                    + " for each setting, such as TIDEGATE_FENCE."
        })
public final class Main implements Runnable {
    private static final String LOG_LEVEL = "TIDEGATE_LOG_LEVEL";

    static final int OK = 0;
    static final int FAILED = 1;
    static final int MISUSED = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    Main() {}

    /** Runs the command that {@code args} name and ends the process with its exit code. */
    public static void main(String[] args) {
        tuneLibraries();
        quietenDemo(args);
        Lifetime lifetime = Lifetime.ofProcess();
        int code = run(args, new Console(System.out, System.err, System.getenv(), lifetime));
        lifetime.ended();
        System.exit(code);
    }

    /**
     * Before any of their classes is loaded, and unless somebody says otherwise: Netty's leak detector is for tests, where
     * it looks at every buffer; here it would cost some 3 % and look at one of a hundred. Lettuce's events for the flight
     * recorder are read by nobody, and load the recorder.
     */
    private static void tuneLibraries() {
        setUnlessSet("io.netty.leakDetection.level", "disabled");
        setUnlessSet("io.lettuce.core.jfr", "false");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * The demo's terminal belongs to its lines and its timeline: unless somebody asks for the log, it shows errors only.
     * To be called before anything logs, since the logging set-up reads this property once.
     */
    private static void quietenDemo(String[] args) {
        if (args.length > 0 && args[0].equals("demo") && System.getenv(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, "error");
        }
    }

    static int run(String[] args, Console console) {
        CommandLine line = new CommandLine(new Main())
                .addSubcommand(new ServeCommand(console))
                .addSubcommand(new CheckCommand(console))
                .addSubcommand(new DemoCommand(console))
                .setOut(writer(console.out()))
                .setErr(writer(console.err()))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, console.err()));
        return line.execute(args);
    }

    /** Without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? (expected: serve, check or demo)");
    }

    private static int failed(Exception e, PrintStream err) {
        if (e instanceof ConfigException config) {
            config.mistakes().forEach(err::println);
            return MISUSED;
        }
        err.println("tidegate: " + e.getMessage());
        if (!(e instanceof IOException) && !(e instanceof LocalRedisException)) {
            // Nothing that a machine or a person outside does: the stack is for whoever mends this program.
            LoggerFactory.getLogger(Main.class).error("unexpected", e);
        }
        return FAILED;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, UTF_8);
    }

    /** The version in the jar's manifest, and what runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "tidegate " + (version == null ? "(not from a jar)" : version) + ", Java " + Runtime.version()
            };
        }
    }
}
