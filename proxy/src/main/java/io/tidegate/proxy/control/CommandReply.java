package io.tidegate.proxy.control;

import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.command.CommandFacts;
import io.tidegate.routing.command.KeySpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The reply to {@code COMMAND}, of any version: six elements per command at first, ACL categories since 6.0, tips, key
 * specifications and subcommands since 7.0. See <a href="https://redis.io/docs/latest/commands/command/">COMMAND</a>.
 */
final class CommandReply {
    private static final int NAME = 0;
    private static final int ARITY = 1;
    private static final int FLAGS = 2;
    private static final int FIRST_KEY = 3;
    private static final int LAST_KEY = 4;
    private static final int KEY_STEP = 5;
    private static final int CATEGORIES = 6;
    private static final int KEY_SPECS = 8;
    private static final int SUBCOMMANDS = 9;

    private CommandReply() {}

    /** @throws Reply.UnreadableException if it is an error, or not what the document says */
    static List<CommandFacts> facts(Reply reply) {
        return facts(reply.list());
    }

    private static List<CommandFacts> facts(List<?> commands) {
        List<CommandFacts> facts = new ArrayList<>(commands.size());
        for (Object each : commands) {
            List<?> command = list(each);
            facts.add(new CommandFacts(
                    text(at(command, NAME)),
                    number(at(command, ARITY)),
                    texts(at(command, FLAGS)),
                    command.size() > KEY_SPECS ? keySpecs(list(command.get(KEY_SPECS))) : legacyKeySpecs(command),
                    command.size() > CATEGORIES ? texts(command.get(CATEGORIES)) : List.of(),
                    command.size() > SUBCOMMANDS ? facts(list(command.get(SUBCOMMANDS))) : List.of()));
        }
        return facts;
    }

    private static List<KeySpec> legacyKeySpecs(List<?> command) {
        int first = number(at(command, FIRST_KEY));
        int step = number(at(command, KEY_STEP));
        return first < 1 || step < 1 ? List.of() : List.of(KeySpec.legacy(first, number(at(command, LAST_KEY)), step));
    }

    private static List<KeySpec> keySpecs(List<?> replies) {
        List<KeySpec> specs = new ArrayList<>(replies.size());
        for (Object each : replies) {
            Map<String, Object> spec = map(each);
            specs.add(new KeySpec(
                    texts(spec.get("flags")), begin(map(spec.get("begin_search"))), find(map(spec.get("find_keys")))));
        }
        return specs;
    }

    private static KeySpec.Begin begin(Map<String, Object> search) {
        Map<String, Object> spec = map(search.get("spec"));
        return switch (text(search.get("type"))) {
            case "index" -> new KeySpec.Index(number(spec.get("index")));
            case "keyword" -> new KeySpec.Keyword(text(spec.get("keyword")), number(spec.get("startfrom")));
            default -> KeySpec.Unknown.UNKNOWN;
        };
    }

    private static KeySpec.Find find(Map<String, Object> search) {
        Map<String, Object> spec = map(search.get("spec"));
        String type = text(search.get("type"));
        if (!type.equals("range") && !type.equals("keynum")) {
            return KeySpec.Unknown.UNKNOWN;
        }
        int step = number(spec.get("keystep"));
        if (step < 1) {
            return KeySpec.Unknown.UNKNOWN;
        }
        return type.equals("range")
                ? new KeySpec.Range(number(spec.get("lastkey")), step, number(spec.get("limit")))
                : new KeySpec.KeyNum(number(spec.get("keynumidx")), number(spec.get("firstkey")), step);
    }

    private static @Nullable Object at(List<?> list, int index) {
        return index < list.size() ? list.get(index) : null;
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw unreadable(value, "an array");
    }

    private static String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw unreadable(value, "text");
    }

    private static int number(@Nullable Object value) {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw unreadable(value, "an integer of 32 bits");
    }

    private static List<String> texts(@Nullable Object value) {
        return list(value).stream().map(CommandReply::text).toList();
    }

    private static Map<String, Object> map(@Nullable Object value) {
        List<?> entries = list(value);
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i + 1 < entries.size(); i += 2) {
            map.put(text(entries.get(i)), Objects.requireNonNullElse(entries.get(i + 1), ""));
        }
        return map;
    }

    private static Reply.UnreadableException unreadable(@Nullable Object value, String expected) {
        return new Reply.UnreadableException(
                "COMMAND: " + Reasons.printable(String.valueOf(value)) + " (expected: " + expected + ")");
    }
}
