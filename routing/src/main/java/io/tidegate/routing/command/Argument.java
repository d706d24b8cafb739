package io.tidegate.routing.command;

/** Reads single arguments where they lie. */
final class Argument {

    private Argument() {}

    /** Whether argument {@code arg} is {@code word} in whatever case; {@code word} is ASCII. */
    static boolean is(CommandArgs args, int arg, String word) {
        int length = word.length();
        if (args.length(arg) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (PackedName.lower(args.byteAt(arg, i) & 0xff) != PackedName.lower(word.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Argument {@code arg}, ASCII letters lower-cased, each byte a character. */
    static String lowerCase(CommandArgs args, int arg) {
        StringBuilder text = new StringBuilder(args.length(arg));
        for (int i = 0; i < args.length(arg); i++) {
            text.append((char) PackedName.lower(args.byteAt(arg, i) & 0xff));
        }
        return text.toString();
    }

    /** Argument {@code arg} as a number of things, written as Redis's {@code string2ll} wants it; -1 if it is none. */
    static int count(CommandArgs args, int arg) {
        int length = args.length(arg);
        // Ten digits and more are more arguments than a request can have; nine never overflow.
        if (length < 1 || length > 9 || (length > 1 && args.byteAt(arg, 0) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < length; i++) {
            int digit = args.byteAt(arg, i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
