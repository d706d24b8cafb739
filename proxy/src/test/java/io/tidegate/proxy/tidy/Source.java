package io.tidegate.proxy.tidy;

/**
 * A Java file taken apart: its code without comments and literals, and its comments. Each is as long as the file, with
 * blanks for what belongs to the other, so that a position means the same in all of them.
 *
 * @param path in the repository, with slashes
 */
record Source(String path, String text, String code, String comments) {
    static Source of(String path, String text) {
        StringBuilder code = new StringBuilder(text);
        StringBuilder comments = new StringBuilder(text);
        int at = 0;
        while (at < text.length()) {
            int end = endOfToken(text, at);
            boolean comment = text.startsWith("//", at) || text.startsWith("/*", at);
            boolean literal = text.charAt(at) == '"' || text.charAt(at) == '\'';
            if (comment || literal) {
                blank(code, at, end);
            }
            if (!comment) {
                blank(comments, at, end);
            }
            at = end;
        }
        return new Source(path, text, code.toString(), comments.toString());
    }

    /** The line of a position, from 1. */
    int line(int position) {
        return 1
                + (int) text.substring(0, position)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    int lines() {
        return line(text.length()) - (text.endsWith("\n") ? 1 : 0);
    }

    /** Of a comment or literal its end, of anything else the next character. */
    private static int endOfToken(String text, int at) {
        if (text.startsWith("//", at)) {
            return indexOf(text, "\n", at);
        } else if (text.startsWith("/*", at)) {
            return Math.min(text.length(), indexOf(text, "*/", at + 2) + 2);
        } else if (text.startsWith("\"\"\"", at)) {
            return endOfLiteral(text, at + 3, "\"\"\"");
        } else if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
            return endOfLiteral(text, at + 1, text.substring(at, at + 1));
        }
        return at + 1;
    }

    private static int endOfLiteral(String text, int from, String quote) {
        int at = from;
        while (at < text.length() && !text.startsWith(quote, at)) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(text.length(), at + quote.length());
    }

    private static int indexOf(String text, String what, int from) {
        int index = text.indexOf(what, from);
        return index < 0 ? text.length() : index;
    }

    private static void blank(StringBuilder text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '\n') {
                text.setCharAt(i, ' ');
            }
        }
    }
}
