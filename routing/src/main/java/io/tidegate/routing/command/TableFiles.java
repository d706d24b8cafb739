package io.tidegate.routing.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The two files behind the table, read once from the class path: {@code commands.facts}, what servers report, and
 * {@code commands.policy}, what we make of it. Columns are separated by blanks; a line that starts with {@code #} is a
 * comment.
 *
 * @param facts top-level commands by name, subcommands within
 * @param since the version that brought a command, by its full name
 * @param policies by full name
 */
record TableFiles(Map<String, CommandFacts> facts, Map<String, String> since, Map<String, Policy> policies) {

    TableFiles {
        facts = Map.copyOf(facts);
        since = Map.copyOf(since);
        policies = Map.copyOf(policies);
    }

    static TableFiles load() {
        Map<String, String> since = new TreeMap<>();
        Map<String, CommandFacts> flat = flat("commands.facts", since);
        Map<String, Policy> policies = new TreeMap<>();
        eachLine(
                "commands.policy",
                3,
                columns -> unique(policies.put(columns[0], Policy.of(columns[1], columns[2])), columns[0]));
        return new TableFiles(nested(flat), since, policies);
    }

    /** The lines of a file of facts, subcommands beside their containers, each with its version put into {@code since}. */
    static Map<String, CommandFacts> flat(String file, Map<String, String> since) {
        Map<String, CommandFacts> flat = new TreeMap<>();
        Map<String, KeySpec> keySpecs = new HashMap<>(); // by their text: few, in many lines
        eachLine(file, 5, columns -> {
            CommandFacts facts = facts(columns, keySpecs);
            unique(flat.put(facts.name(), facts), facts.name());
            since.put(facts.name(), columns[3]);
        });
        return flat;
    }

    /** Columns: name, arity, flags ({@code -}: none), since, key specs separated by blanks. */
    private static CommandFacts facts(String[] columns, Map<String, KeySpec> known) {
        List<String> flags = columns[2].equals("-") ? List.of() : List.of(columns[2].split(",", -1));
        List<KeySpec> keySpecs = new ArrayList<>();
        if (columns.length > 4) {
            for (String spec : split(columns[4], Integer.MAX_VALUE)) {
                keySpecs.add(known.computeIfAbsent(spec, KeySpecText::parse));
            }
        }
        return new CommandFacts(columns[0], Integer.parseInt(columns[1]), flags, keySpecs, List.of());
    }

    /** Puts every {@code container|subcommand} into its container, whose line is somewhere in the file too. */
    private static Map<String, CommandFacts> nested(Map<String, CommandFacts> flat) {
        Map<String, List<CommandFacts>> within = new HashMap<>();
        for (CommandFacts each : flat.values()) {
            int bar = each.name().indexOf('|');
            if (bar >= 0) {
                within.computeIfAbsent(each.name().substring(0, bar), container -> new ArrayList<>())
                        .add(each);
            }
        }
        Map<String, CommandFacts> nested = new HashMap<>();
        for (CommandFacts each : flat.values()) {
            if (each.name().indexOf('|') < 0) {
                List<CommandFacts> subcommands = within.getOrDefault(each.name(), List.of());
                nested.put(
                        each.name(),
                        new CommandFacts(each.name(), each.arity(), each.flags(), each.keySpecs(), subcommands));
            }
        }
        return nested;
    }

    private static void unique(@Nullable Object before, String name) {
        if (before != null) {
            throw new IllegalStateException("two lines for " + name);
        }
    }

    private static void eachLine(String file, int columns, Consumer<String[]> action) {
        for (String line : read(file).lines().toList()) {
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                // The last column may have blanks of its own: key specs, a reason.
                action.accept(split(text, columns));
            }
        }
    }

    /** At most {@code columns} pieces of what has blanks between; by hand, since every start of a proxy waits for it. */
    private static String[] split(String text, int columns) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (pieces.size() < columns - 1) {
            int blank = text.indexOf(' ', from);
            if (blank < 0) {
                break;
            }
            pieces.add(text.substring(from, blank));
            from = blank;
            while (text.charAt(from) == ' ') {
                from++; // ends: the text does not end with a blank
            }
        }
        pieces.add(text.substring(from));
        return pieces.toArray(String[]::new);
    }

    private static String read(String file) {
        try (InputStream in = TableFiles.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("missing on the class path: " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
