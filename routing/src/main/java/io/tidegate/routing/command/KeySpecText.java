package io.tidegate.routing.command;

import io.tidegate.routing.command.KeySpec.Index;
import io.tidegate.routing.command.KeySpec.KeyNum;
import io.tidegate.routing.command.KeySpec.Keyword;
import io.tidegate.routing.command.KeySpec.Range;
import io.tidegate.routing.command.KeySpec.Unknown;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The notation of a key spec in {@code commands.facts}: where the keys begin, which they are, and the flags.
 *
 * <pre>
 *   1:RO,access              argument 1
 *   1..-1:RO                 from argument 1 to the last one (-2: to the last but one)
 *   1..-1/2:OW,update        every second of them
 *   1..+1:RO,access          from argument 1 to the one after it
 *   2#0+1:RO,access          argument 2 says how many; they start one after it
 *   STREAMS@1..-1%2:RO       after STREAMS, searched from argument 1 on: the first half of the rest
 *   ?:RO                     nobody can tell
 * </pre>
 */
final class KeySpecText {

    private static final Pattern SPEC = Pattern.compile(
            "(?<begin>[^.#/%?]+?)"
                    + "(?:\\.\\.(?<last>[+-]\\d+))?(?:#(?<count>\\d+)\\+(?<first>\\d+))?(?:/(?<step>\\d+))?(?:%(?<limit>\\d+))?");

    private KeySpecText() {}

    static KeySpec parse(String text) {
        int colon = text.indexOf(':');
        List<String> flags = List.of(text.substring(colon + 1).split(",", -1));
        String where = text.substring(0, Math.max(colon, 0));
        if (where.equals("?")) {
            return new KeySpec(flags, Unknown.UNKNOWN, Unknown.UNKNOWN);
        }
        Matcher matcher = SPEC.matcher(where);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("key spec: " + text + " (expected: where:flags)");
        }
        int step = number(matcher, "step", 1);
        KeySpec.Find find = matcher.group("count") != null
                ? new KeyNum(number(matcher, "count", 0), number(matcher, "first", 0), step)
                : new Range(number(matcher, "last", 0), step, number(matcher, "limit", 0));
        return new KeySpec(flags, begin(matcher.group("begin")), find);
    }

    private static KeySpec.Begin begin(String text) {
        int at = text.indexOf('@');
        return at < 0
                ? new Index(Integer.parseInt(text))
                : new Keyword(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
    }

    private static int number(Matcher matcher, String group, int absent) {
        String text = matcher.group(group);
        return text == null ? absent : Integer.parseInt(text);
    }

    static String print(KeySpec spec) {
        return print(spec.begin()) + print(spec.find()) + ":" + String.join(",", spec.flags());
    }

    private static String print(KeySpec.Begin begin) {
        if (begin instanceof Index index) {
            return Integer.toString(index.pos());
        }
        return begin instanceof Keyword keyword ? keyword.keyword() + "@" + keyword.startFrom() : "";
    }

    private static String print(KeySpec.Find find) {
        if (find instanceof Range range) {
            return (range.lastKey() == 0 ? "" : String.format("..%+d", range.lastKey()))
                    + (range.keyStep() == 1 ? "" : "/" + range.keyStep())
                    + (range.limit() == 0 ? "" : "%" + range.limit());
        }
        return find instanceof KeyNum keyNum
                ? "#" + keyNum.keyNumIndex() + "+" + keyNum.firstKey()
                        + (keyNum.keyStep() == 1 ? "" : "/" + keyNum.keyStep())
                : "?";
    }
}
