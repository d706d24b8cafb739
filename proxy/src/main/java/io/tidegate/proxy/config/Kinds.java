package io.tidegate.proxy.config;

import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The ways in which settings are written. */
final class Kinds {
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(us|ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
    private static final Pattern WORD = Pattern.compile("\\S{1,128}");
    private static final Pattern COMMAND = Pattern.compile("[a-z][a-z0-9_.-]{0,63}(\\|[a-z0-9_.-]{1,64})?");

    private static final Map<String, Long> NANOS =
            Map.of("us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private Kinds() {}

    static Kind<Integer> count(int min, int max) {
        return new Kind.One<>(min + ".." + max, text ->
                (int) within(min, max, Long.parseLong(matched(COUNT, text).group())));
    }

    /** Read into nanoseconds; the bounds are durations too. */
    static Kind<Long> duration(String min, String max) {
        return ranged("a duration of " + min + ".." + max, min, max, Kinds::nanos);
    }

    /** Read into bytes; the bounds are sizes too. */
    static Kind<Long> size(String min, String max) {
        return ranged("a size of " + min + ".." + max, min, max, Kinds::bytes);
    }

    static Kind<Boolean> flag() {
        return new Kind.One<>("true | false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    /** The constants of an enum, in lower case. */
    static <E extends Enum<E>> Kind<E> choice(Class<E> choices) {
        Map<String, E> byWord = Arrays.stream(choices.getEnumConstants())
                .collect(Collectors.toMap(choice -> choice.name().toLowerCase(Locale.ROOT), Function.identity()));
        String allowed = Arrays.stream(choices.getEnumConstants())
                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" | "));
        return new Kind.One<>(allowed, text -> {
            E choice = byWord.get(text);
            if (choice == null) {
                throw new IllegalArgumentException(text);
            }
            return choice;
        });
    }

    static Kind<ReadLevel> level() {
        return new Kind.One<>(ReadLevel.EXPECTED, ReadLevel::parse);
    }

    static Kind<Durability> durability() {
        return new Kind.One<>(Durability.EXPECTED, Durability::parse);
    }

    static Kind<BindAddress> bindAddress() {
        return new Kind.One<>(BindAddress.EXPECTED, BindAddress::parse);
    }

    static Kind<NodeAddress> node() {
        return new Kind.One<>("host:port, IPv6 as [::1]:6379", NodeAddress::parse);
    }

    /** A name: no white space, which no sentinel, server or metric label would take. */
    static Kind<String> word() {
        return new Kind.One<>(
                "a name without spaces", text -> matched(WORD, text).group());
    }

    /** A command's name, in lower case however it is written. */
    static Kind<String> command() {
        return new Kind.One<>(
                "a command, its subcommand after |, such as config|set",
                text -> matched(COMMAND, text.toLowerCase(Locale.ROOT)).group());
    }

    static Kind<Path> file() {
        return new FileKind<>("the path of a file", null, Objects::requireNonNull);
    }

    /** Of certificates; empty means those that the JVM trusts. */
    static Kind<Optional<Path>> authorities() {
        return new FileKind<>("the path of a file | system", "system", Optional::ofNullable);
    }

    static Kind<Secret> secret() {
        return new SecretKind();
    }

    static long nanos(String text) {
        Matcher duration = matched(DURATION, text);
        return Long.parseLong(duration.group(1)) * NANOS.getOrDefault(duration.group(2), 0L);
    }

    static long bytes(String text) {
        Matcher size = matched(SIZE, text);
        return Long.parseLong(size.group(1)) * BYTES.getOrDefault(size.group(2), 0L);
    }

    private static Kind<Long> ranged(String allowed, String min, String max, Function<String, Long> parser) {
        long least = parser.apply(min);
        long most = parser.apply(max);
        return new Kind.One<>(allowed, text -> within(least, most, parser.apply(text)));
    }

    private static long within(long min, long max, long value) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(value + " (expected: " + min + ".." + max + ")");
        }
        return value;
    }

    private static Matcher matched(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return matcher;
    }
}
