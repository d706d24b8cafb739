package io.tidegate.proxy.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What followed a command's name, checked against its options. */
final class Arguments {
    /** By the option's name; a flag that was given has an empty value. */
    private final Map<String, String> given = new HashMap<>();

    private Arguments() {}

    /**
     * Reads {@code words}; with {@link Option#HELP} or {@link Option#VERSION} among them nothing else need be there.
     *
     * @throws Misuse for a word that is no option, a value too many or too few, an option given twice or left out
     */
    static Arguments of(List<Option> options, List<String> words) throws Misuse {
        Arguments arguments = new Arguments();
        Deque<String> left = new ArrayDeque<>(words);
        while (!left.isEmpty()) {
            arguments.take(options, left.remove(), left);
        }
        if (!arguments.has(Option.HELP) && !arguments.has(Option.VERSION)) {
            for (Option option : options) {
                if (option.needed() && !arguments.has(option)) {
                    throw new Misuse(option.name() + " is missing (expected: " + option.synopsis() + ")");
                }
            }
        }
        return arguments;
    }

    private void take(List<Option> options, String word, Deque<String> left) throws Misuse {
        int equals = word.indexOf('=');
        Option option = find(options, equals < 0 ? word : word.substring(0, equals));
        String value = equals < 0 ? null : word.substring(equals + 1);
        if (option.parameter() == null) {
            if (value != null) {
                throw new Misuse(word + ": a value (expected: " + option.name() + " alone)");
            }
            value = "";
        } else if (value == null) {
            value = left.poll();
        }
        if (value == null) {
            throw new Misuse(option.name() + ": no value (expected: " + option.synopsis() + ")");
        }
        if (given.put(option.name(), value) != null) {
            throw new Misuse(option.name() + ": given twice (expected: once)");
        }
    }

    private static Option find(List<Option> options, String name) throws Misuse {
        return switch (name) {
            case "-h" -> Option.HELP;
            case "-V" -> Option.VERSION;
            default ->
                options.stream()
                        .filter(option -> option.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new Misuse("'" + name + "' is no option (expected: "
                                + options.stream().map(Option::name).collect(Collectors.joining(" | ")) + ")"));
        };
    }

    boolean has(Option option) {
        return given.containsKey(option.name());
    }

    /** Null if it was left out. */
    @Nullable String value(Option option) {
        return given.get(option.name());
    }

    /** Of an option that is needed. */
    String needed(Option option) {
        String value = given.get(option.name());
        if (value == null) {
            throw new IllegalStateException(option.name() + " is not a needed option");
        }
        return value;
    }

    /** A whole number of {@code least..most}; {@code otherwise} if it was left out. */
    int number(Option option, int least, int most, int otherwise) throws Misuse {
        String value = given.get(option.name());
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, like a number out of range
        }
        throw new Misuse(option.name() + ": " + value + " (expected: " + least + ".." + most + ")");
    }
}
