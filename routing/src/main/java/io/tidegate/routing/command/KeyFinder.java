package io.tidegate.routing.command;

import java.util.List;

/**
 * Finds the keys among a command's arguments, as {@code getKeysUsingKeySpecs} of Redis does, and by hand where Redis
 * has a function of its own because the specs do not tell. Arguments that make no sense never throw: what a spec cannot
 * find in them it leaves out, and the server will refuse the command.
 */
@FunctionalInterface
interface KeyFinder {

    /** Gives {@code sink} the position of every key of {@code args} and returns how many there were. */
    int keys(CommandArgs args, KeySink sink);

    /** The finder of the command called {@code name}. */
    static KeyFinder of(String name, List<KeySpec> specs) {
        return switch (name) {
            case "sort" -> KeyFinder::sort;
            case "migrate" -> KeyFinder::migrate;
            default -> {
                List<KeySpec> real = specs.stream().filter(KeySpec::namesKeys).toList();
                yield real.isEmpty() ? (args, sink) -> 0 : (args, sink) -> bySpecs(real, args, sink);
            }
        };
    }

    private static int bySpecs(List<KeySpec> specs, CommandArgs args, KeySink sink) {
        int found = 0;
        for (int i = 0; i < specs.size(); i++) {
            KeySpec spec = specs.get(i);
            int begin = begin(spec.begin(), args);
            if (begin > 0) {
                found += find(spec.find(), begin, args, sink);
            }
        }
        return found;
    }

    /** The argument at which {@code begin} says that the keys begin; 0 if it cannot say. */
    private static int begin(KeySpec.Begin begin, CommandArgs args) {
        if (begin instanceof KeySpec.Index index) {
            return index.pos();
        }
        return begin instanceof KeySpec.Keyword keyword ? afterKeyword(keyword, args) : 0;
    }

    private static int afterKeyword(KeySpec.Keyword keyword, CommandArgs args) {
        int argc = args.count();
        int step = keyword.startFrom() > 0 ? 1 : -1;
        for (int i = step > 0 ? keyword.startFrom() : argc + keyword.startFrom(); i >= 1 && i < argc; i += step) {
            if (i + 1 < argc && Argument.is(args, i, keyword.keyword())) {
                return i + 1;
            }
        }
        return 0;
    }

    private static int find(KeySpec.Find find, int begin, CommandArgs args, KeySink sink) {
        int argc = args.count();
        if (find instanceof KeySpec.Range range) {
            return emit(begin, lastOf(range, begin, argc), range.keyStep(), argc, sink);
        }
        if (find instanceof KeySpec.KeyNum keyNum) {
            int at = begin + keyNum.keyNumIndex();
            int count = at >= 1 && at < argc ? Argument.count(args, at) : 0;
            int first = begin + keyNum.firstKey();
            return emit(first, first + (count - 1L) * keyNum.keyStep(), keyNum.keyStep(), argc, sink);
        }
        return 0;
    }

    private static int lastOf(KeySpec.Range range, int begin, int argc) {
        if (range.lastKey() >= 0) {
            return begin + range.lastKey();
        }
        return range.limit() <= 1 ? argc + range.lastKey() : begin + (argc - begin) / range.limit() + range.lastKey();
    }

    /** In long, since the count of keys is whatever the client wrote, and the specs whatever the server said. */
    private static int emit(long first, long last, int step, int argc, KeySink sink) {
        if (first < 1 || last >= argc) {
            return 0;
        }
        int found = 0;
        for (long i = first; i <= last; i += step) {
            sink.key((int) i);
            found++;
        }
        return found;
    }

    /** {@code sortGetKeys}: the key, and what follows the last STORE that is not the value of LIMIT, GET or BY. */
    private static int sort(CommandArgs args, KeySink sink) {
        int argc = args.count();
        if (argc < 2) {
            return 0;
        }
        sink.key(1);
        int store = 0;
        for (int i = 2; i < argc; i++) {
            if (Argument.is(args, i, "limit")) {
                i += 2;
            } else if (Argument.is(args, i, "get") || Argument.is(args, i, "by")) {
                i++;
            } else if (Argument.is(args, i, "store") && i + 1 < argc) {
                store = i + 1;
            }
        }
        if (store == 0) {
            return 1;
        }
        sink.key(store);
        return 2;
    }

    /** {@code migrateGetKeys}: one key in the third place, or, if that is empty, all that follow KEYS. */
    private static int migrate(CommandArgs args, KeySink sink) {
        int argc = args.count();
        if (argc < 6) {
            return 0;
        }
        for (int i = 6; i < argc; i++) {
            if (args.length(3) == 0 && Argument.is(args, i, "keys")) {
                return emit(i + 1, argc - 1, 1, argc, sink);
            }
            if (Argument.is(args, i, "auth")) {
                i++;
            } else if (Argument.is(args, i, "auth2")) {
                i += 2;
            }
        }
        sink.key(3);
        return 1;
    }
}
