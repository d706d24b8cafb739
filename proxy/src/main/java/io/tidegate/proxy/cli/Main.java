package io.tidegate.proxy.cli;

import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.local.LocalRedisException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** The command {@code tidegate}. */
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int MISUSED = 2;

    private static final List<Option> GENERAL = List.of(Option.HELP, Option.VERSION);

    private Main() {}

    /** Runs the command that {@code args} name and ends the process with its exit code. */
    public static void main(String[] args) {
        tuneLibraries();
        quieten(args);
        Lifetime lifetime = Lifetime.ofProcess();
        int code = run(args, new Console(System.out, System.err, System.getenv(), lifetime));
        lifetime.ended();
        System.exit(code);
    }

    /**
     * Before any of their classes is loaded, and unless somebody says otherwise: Netty's leak detector is for tests, where
     * it looks at every buffer; here it would cost some 3 % and look at one of a hundred. The events of Netty and
     * of Lettuce for the flight recorder are read by nobody, and load the recorder.
     */
    private static void tuneLibraries() {
        setUnlessSet("io.netty.leakDetection.level", "disabled");
        setUnlessSet("io.netty.jfr.enabled", "false");
        setUnlessSet("io.lettuce.core.jfr", "false");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * The terminal of demo and check belongs to their lines: unless somebody asks for the log, it shows errors only.
     * To be called before anything logs, since the logging set-up reads this property once.
     */
    private static void quieten(String[] args) {
        if (args.length > 0
                && (args[0].equals("demo")
                        || args[0].equals("check")
                        || args[0].equals("health")
                        || args[0].equals("switchover")
                        || args[0].equals("reload")
                        || args[0].equals("drill"))
                && System.getenv(LogSetUp.LEVEL) == null) {
            System.setProperty(LogSetUp.LEVEL, "error");
        }
    }

    static int run(String[] args, Console console) {
        List<Command> commands = List.of(
                new ServeCommand(console),
                new CheckCommand(console),
                new HealthCommand(console),
                new SwitchoverCommand(console),
                new ReloadCommand(console),
                new DrillCommand(console),
                new DemoCommand(console),
                new TrainCommand(console));
        try {
            return run(commands, List.of(args), console);
        } catch (Misuse e) {
            console.err().println("tidegate: " + e.getMessage() + "; tidegate --help says more");
            return MISUSED;
        } catch (Exception e) {
            return failed(e, console.err());
        }
    }

    private static int run(List<Command> commands, List<String> args, Console console) throws Exception {
        if (args.isEmpty()) {
            throw new Misuse("no command " + expected(commands));
        }
        String name = args.get(0);
        for (Command command : commands) {
            if (command.name().equals(name)) {
                return run(command, args.subList(1, args.size()), console);
            }
        }
        if (!name.startsWith("-")) {
            throw new Misuse("'" + name + "' is no command " + expected(commands));
        }
        Arguments arguments = Arguments.of(GENERAL, args);
        console.out().println(arguments.has(Option.HELP) ? Usage.of(commands) : version());
        return OK;
    }

    private static int run(Command command, List<String> words, Console console) throws Exception {
        List<Option> options =
                Stream.concat(command.options().stream(), GENERAL.stream()).toList();
        Arguments arguments = Arguments.of(options, words);
        if (arguments.has(Option.HELP)) {
            console.out().println(Usage.of(command, options));
        } else if (arguments.has(Option.VERSION)) {
            console.out().println(version());
        } else {
            return command.run(arguments);
        }
        return OK;
    }

    private static String expected(List<Command> commands) {
        return commands.stream().map(Command::name).collect(Collectors.joining(" | ", "(expected: ", ")"));
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

    /** The version in the jar's manifest, and what runs it. */
    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "tidegate " + (version == null ? "(not from a jar)" : version) + ", Java " + Runtime.version();
    }
}
