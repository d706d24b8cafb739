package io.tidegate.proxy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The texts of {@code --help}. */
final class Usage {
    private static final int COLUMNS = 100;

    private static final List<String> FOOTER = List.of(
            "Exit codes: 0 success, 1 failure at run time, 2 wrong command line or configuration.",
            "Environment: TIDEGATE_LOG_LEVEL (trace | debug | info | warn | error | off; info, for all but serve and train error), and one"
                    + " variable for each setting, such as TIDEGATE_FENCE.");

    /** A name and what is said of it. */
    private record Entry(String name, String description) {}

    private Usage() {}

    /** Of the program. */
    static String of(List<Command> commands) {
        List<String> lines = new ArrayList<>();
        lines.add("Usage: tidegate COMMAND");
        lines.add("A replication-aware Redis proxy.");
        lines.add("");
        lines.add("Commands (tidegate COMMAND --help says more):");
        table(
                lines,
                commands.stream()
                        .map(command ->
                                new Entry(command.name(), command.description().get(0)))
                        .toList());
        lines.add("");
        lines.add("Options:");
        options(lines, List.of(Option.HELP, Option.VERSION));
        lines.add("");
        FOOTER.forEach(text -> wrap(lines, text, 0));
        return String.join(System.lineSeparator(), lines);
    }

    /** Of one command. */
    static String of(Command command, List<Option> options) {
        List<String> lines = new ArrayList<>();
        wrap(lines, "Usage: tidegate " + command.name() + " " + synopsis(options), 0);
        command.description().forEach(text -> wrap(lines, text, 0));
        lines.add("");
        lines.add("Options:");
        options(lines, options);
        return String.join(System.lineSeparator(), lines);
    }

    private static String synopsis(List<Option> options) {
        return options.stream()
                .map(option -> option.needed() ? option.synopsis() : "[" + option.synopsis() + "]")
                .collect(Collectors.joining(" "));
    }

    private static void options(List<String> lines, List<Option> options) {
        table(
                lines,
                options.stream()
                        .map(option -> new Entry(option.synopsis(), option.description()))
                        .toList());
    }

    private static void table(List<String> lines, List<Entry> entries) {
        int widest = 0;
        for (Entry entry : entries) {
            widest = Math.max(widest, entry.name().length());
        }
        int indent = widest + 4;
        for (Entry entry : entries) {
            int first = lines.size();
            wrap(lines, entry.description(), indent);
            String name = "  " + entry.name();
            lines.set(first, name + lines.get(first).substring(name.length()));
        }
    }

    /** Appends {@code text} in lines of at most {@link #COLUMNS}, each with so many blanks before it. */
    private static void wrap(List<String> lines, String text, int indent) {
        String margin = " ".repeat(indent);
        StringBuilder line = new StringBuilder(margin);
        for (String word : text.split(" ", -1)) {
            if (line.length() > indent && line.length() + 1 + word.length() > COLUMNS) {
                lines.add(line.toString());
                line.setLength(indent);
            }
            if (line.length() > indent) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString());
    }
}
