package io.tidegate.proxy.pubsub;

/**
 * Redis's patterns, as PSUBSCRIBE takes them: {@code ?} is any byte, {@code *} any bytes, {@code [a-c]} and {@code [^x]} one
 * of some, and a backslash takes a byte as it is. What is odd about them is Redis's: a class that is not closed ends with the
 * pattern, bytes above 127 are below the others in ranges, and nothing but an empty pattern matches an empty text.
 */
final class Glob {
    private final byte[] pattern;

    Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    boolean matches(byte[] text) {
        if (text.length == 0) {
            return pattern.length == 0;
        }
        int p = 0;
        int t = 0;
        int behindStar = -1;
        int taken = 0;
        while (t < text.length || p < pattern.length) {
            if (p < pattern.length && pattern[p] == '*') {
                behindStar = ++p;
                taken = t;
            } else if (p < pattern.length && t < text.length && one(p, text[t])) {
                p = after(p);
                t++;
            } else if (behindStar >= 0 && taken < text.length) {
                // The latest asterisk takes one byte more; no earlier one has to.
                p = behindStar;
                t = ++taken;
            } else {
                return false;
            }
        }
        return true;
    }

    /** Whether what stands at {@code p}, and is no asterisk, is this byte. */
    private boolean one(int p, byte b) {
        return switch (pattern[p]) {
            case '?' -> true;
            case '[' -> not(p) != ofClass(p, b);
            case '\\' -> pattern[Math.min(p + 1, pattern.length - 1)] == b;
            default -> pattern[p] == b;
        };
    }

    /** Where what stands at {@code p} ends. */
    private int after(int p) {
        if (pattern[p] == '\\') {
            return Math.min(p + 2, pattern.length);
        }
        if (pattern[p] != '[') {
            return p + 1;
        }
        int at = first(p);
        while (!ends(at)) {
            at = afterMember(at);
        }
        return Math.min(at + 1, pattern.length);
    }

    private boolean not(int p) {
        return p + 1 < pattern.length && pattern[p + 1] == '^';
    }

    private int first(int p) {
        return not(p) ? p + 2 : p + 1;
    }

    private boolean ends(int at) {
        return at >= pattern.length || pattern[at] == ']';
    }

    private boolean quotes(int at) {
        return pattern[at] == '\\' && at + 1 < pattern.length;
    }

    private boolean ranges(int at) {
        return at + 2 < pattern.length && pattern[at + 1] == '-';
    }

    private int afterMember(int at) {
        if (quotes(at)) {
            return at + 2;
        }
        return ranges(at) ? at + 3 : at + 1;
    }

    private boolean ofClass(int p, byte b) {
        boolean found = false;
        for (int at = first(p); !ends(at); at = afterMember(at)) {
            if (quotes(at)) {
                found |= pattern[at + 1] == b;
            } else if (ranges(at)) {
                found |= b >= Math.min(pattern[at], pattern[at + 2]) && b <= Math.max(pattern[at], pattern[at + 2]);
            } else {
                found |= pattern[at] == b;
            }
        }
        return found;
    }
}
