package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks a live server for its commands and prints them as lines of {@code commands.facts}. Run by hand from an IDE or
 * with the test class path, when a new server is to be taken into the file:
 *
 * <pre>java … io.tidegate.routing.command.CommandFactsFromServer 127.0.0.1 6379 [new|other] [valkey-]</pre>
 *
 * {@code new} leaves out what the table knows already, {@code other} all but what the table knows otherwise, or not at all
 * ({@code servers/*.facts} of the test resources); the last argument is put before every version. Where a server does not
 * say which version brought a command ({@code ?}: modules), it is to be filled in.
 */
final class CommandFactsFromServer {

    private CommandFactsFromServer() {}

    public static void main(String[] args) throws IOException {
        String which = args.length > 2 ? args[2] : "";
        String product = args.length > 3 ? args[3] : "";
        try (RespConnection server = new RespConnection(InetAddress.getByName(args[0]), Integer.parseInt(args[1]))) {
            Map<String, String> since = since(server);
            for (CommandFacts each : flat(facts(server))) {
                if (wanted(which, each)) {
                    String version = since.getOrDefault(each.name(), "?");
                    print(each, product + version, System.out);
                }
            }
        }
    }

    private static boolean wanted(String which, CommandFacts theirs) {
        CommandFacts ours = CommandTable.builtin().all().stream()
                .map(CommandSpec::facts)
                .filter(facts -> facts.name().equals(theirs.name()))
                .findAny()
                .orElse(null);
        return switch (which) {
            case "new" -> ours == null;
            case "other" -> ours == null || !alone(ours).equals(alone(theirs));
            default -> true;
        };
    }

    /** Without its subcommands, of which one server has more than another. */
    static CommandFacts alone(CommandFacts facts) {
        return new CommandFacts(facts.name(), facts.arity(), facts.flags(), facts.keySpecs(), List.of());
    }

    private static void print(CommandFacts facts, String since, PrintStream out) {
        String flags = facts.flags().isEmpty() ? "-" : String.join(",", facts.flags());
        String keys = String.join(
                " ", facts.keySpecs().stream().map(KeySpec::toString).toList());
        out.println(String.format("%-29s %3d %-55s %-16s %s", facts.name(), facts.arity(), flags, since, keys)
                .stripTrailing());
    }

    /** Every command of the server, sorted by name, subcommands within their containers. */
    static List<CommandFacts> facts(RespConnection server) throws IOException {
        return commands(server.ask("COMMAND"));
    }

    /** The same, with every subcommand once more at the top. */
    static List<CommandFacts> flat(List<CommandFacts> facts) {
        List<CommandFacts> flat = new ArrayList<>();
        for (CommandFacts each : facts) {
            flat.add(each);
            flat.addAll(each.subcommands());
        }
        flat.sort(Comparator.comparing(CommandFacts::name));
        return flat;
    }

    private static List<CommandFacts> commands(Object reply) {
        return RespConnection.list(reply).stream()
                .map(CommandFactsFromServer::command)
                .sorted(Comparator.comparing(CommandFacts::name))
                .toList();
    }

    private static CommandFacts command(Object reply) {
        List<Object> fields = RespConnection.list(reply);
        return new CommandFacts(
                (String) fields.get(0),
                number(fields.get(1)),
                strings(fields.get(2)),
                RespConnection.list(fields.get(8)).stream()
                        .map(CommandFactsFromServer::keySpec)
                        .toList(),
                commands(fields.get(9)));
    }

    private static KeySpec keySpec(Object reply) {
        Map<String, Object> fields = map(reply);
        return new KeySpec(
                strings(field(fields, "flags")),
                begin(map(field(fields, "begin_search"))),
                find(map(field(fields, "find_keys"))));
    }

    private static KeySpec.Begin begin(Map<String, Object> search) {
        Map<String, Object> spec = map(field(search, "spec"));
        String type = (String) field(search, "type");
        return switch (type) {
            case "index" -> new KeySpec.Index(number(field(spec, "index")));
            case "keyword" -> new KeySpec.Keyword((String) field(spec, "keyword"), number(field(spec, "startfrom")));
            case "unknown" -> KeySpec.Unknown.UNKNOWN;
            default -> throw new IllegalStateException("begin_search: " + type);
        };
    }

    private static KeySpec.Find find(Map<String, Object> search) {
        Map<String, Object> spec = map(field(search, "spec"));
        String type = (String) field(search, "type");
        return switch (type) {
            case "range" ->
                new KeySpec.Range(
                        number(field(spec, "lastkey")), number(field(spec, "keystep")), number(field(spec, "limit")));
            case "keynum" ->
                new KeySpec.KeyNum(
                        number(field(spec, "keynumidx")),
                        number(field(spec, "firstkey")),
                        number(field(spec, "keystep")));
            case "unknown" -> KeySpec.Unknown.UNKNOWN;
            default -> throw new IllegalStateException("find_keys: " + type);
        };
    }

    /** The version that brought each command, by full name, from {@code COMMAND DOCS}. */
    private static Map<String, String> since(RespConnection server) throws IOException {
        Map<String, String> since = new HashMap<>();
        collectSince(map(server.ask("COMMAND", "DOCS")), since);
        return since;
    }

    private static void collectSince(Map<String, Object> docs, Map<String, String> since) {
        docs.forEach((name, reply) -> {
            Map<String, Object> doc = map(reply);
            if (doc.containsKey("since")) {
                since.put(name, (String) field(doc, "since"));
            }
            if (doc.containsKey("subcommands")) {
                collectSince(map(field(doc, "subcommands")), since);
            }
        });
    }

    private static Object field(Map<String, Object> fields, String name) {
        return requireNonNull(fields.get(name), name);
    }

    private static Map<String, Object> map(Object reply) {
        List<Object> list = RespConnection.list(reply);
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < list.size(); i += 2) {
            map.put((String) list.get(i), list.get(i + 1));
        }
        return map;
    }

    private static List<String> strings(Object reply) {
        return RespConnection.list(reply).stream().map(String.class::cast).toList();
    }

    private static int number(Object reply) {
        return Math.toIntExact((Long) reply);
    }
}
