package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.cli.drill.Access;
import io.tidegate.proxy.cli.drill.Endpoint;
import io.tidegate.proxy.cli.drill.Login;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Whom the drill speaks to and how, as its options say it. */
final class DrillAccess {
    static final Option TARGET = Option.value(
            "--target",
            "HOST:PORT",
            "What the application connects to: a listener of Tidegate, or any Redis endpoint.");
    static final Option SENTINELS = Option.value(
            "--sentinel", "HOST:PORT,…", "Sentinels, for who is primary, and for the fault unless --fault makes it.");
    private static final Option USER =
            Option.value("--user", "NAME", "At the target; with the password of --password-file or REDISCLI_AUTH.");
    private static final Option PASSWORD =
            Option.value("--password-file", "FILE", "Its password; default: the environment variable REDISCLI_AUTH.");
    private static final Option NODE_USER =
            Option.value("--node-user", "NAME", "At the Redis nodes themselves; default: as at the target.");
    private static final Option NODE_PASSWORD = Option.value("--node-password-file", "FILE", "Its password.");
    private static final Option SENTINEL_USER = Option.value("--sentinel-user", "NAME", "At the sentinels.");
    private static final Option SENTINEL_PASSWORD = Option.value("--sentinel-password-file", "FILE", "Its password.");
    private static final Option TLS =
            Option.value("--tls", "WHERE,…", "Who is spoken to by TLS, of target, nodes and sentinels.");
    static final List<Option> OPTIONS = Stream.concat(
                    Stream.of(
                            TARGET,
                            SENTINELS,
                            USER,
                            PASSWORD,
                            NODE_USER,
                            NODE_PASSWORD,
                            SENTINEL_USER,
                            SENTINEL_PASSWORD,
                            TLS),
                    TlsOptions.ALL.stream())
            .toList();

    private static final String STANDARD_USER = "default";
    private static final Set<String> PLACES = Set.of("target", "nodes", "sentinels");

    private final Arguments arguments;
    private final Map<String, String> variables;

    private DrillAccess(Arguments arguments, Map<String, String> variables) {
        this.arguments = arguments;
        this.variables = variables;
    }

    /** Reads it from a command line that has a target. */
    static Access of(Arguments arguments, Map<String, String> variables) throws Misuse {
        return new DrillAccess(arguments, variables).read();
    }

    private Access read() throws Misuse {
        Set<String> tlsAt = places();
        // Read in any case, so that a mistake is one wherever TLS is spoken.
        SSLSocketFactory tls = TlsOptions.sockets(arguments);
        Login login = login(USER, PASSWORD, variables.get("REDISCLI_AUTH"));
        Login own = login(NODE_USER, NODE_PASSWORD, null);
        Login sentinelLogin = login(SENTINEL_USER, SENTINEL_PASSWORD, null);
        String target = arguments.value(TARGET);
        if (target == null) {
            throw new Misuse("--target is missing (expected: " + TARGET.synopsis() + ", or --demo)");
        }
        List<Endpoint> sentinels = new ArrayList<>();
        String listed = arguments.value(SENTINELS);
        for (String each : listed == null ? new String[0] : listed.split(",", -1)) {
            sentinels.add(
                    new Endpoint(address(SENTINELS, each), sentinelLogin, tlsAt.contains("sentinels") ? tls : null));
        }
        return new Access(
                new Endpoint(address(TARGET, target), login, tlsAt.contains("target") ? tls : null),
                sentinels,
                own == null ? login : own,
                tlsAt.contains("nodes") ? tls : null);
    }

    private Set<String> places() throws Misuse {
        String value = arguments.value(TLS);
        List<String> places = value == null ? List.of() : List.of(value.split(",", -1));
        for (String place : places) {
            if (!PLACES.contains(place)) {
                throw new Misuse(
                        TLS.name() + ": '" + place + "' (expected: target | nodes | sentinels, with commas between)");
            }
        }
        return Set.copyOf(places);
    }

    private @Nullable Login login(Option user, Option file, @Nullable String otherwise) throws Misuse {
        String name = arguments.value(user);
        String path = arguments.value(file);
        String password = path == null ? otherwise : password(file, path);
        if (password == null) {
            if (name != null) {
                throw new Misuse(user.name() + " without a password (expected: " + file.name() + ")");
            }
            return null;
        }
        return new Login(name == null ? STANDARD_USER : name, password);
    }

    /** Its first line. */
    private static String password(Option option, String path) throws Misuse {
        try {
            return Files.readString(Path.of(path), UTF_8).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new Misuse(option.name() + ": " + path + " cannot be read: " + e.getMessage());
        }
    }

    private static NodeAddress address(Option option, String text) throws Misuse {
        try {
            return NodeAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Misuse(option.name() + ": " + e.getMessage());
        }
    }
}
