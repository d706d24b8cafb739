package io.tidegate.proxy.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is asked of files as a whole. */
final class Texts {
    static final int FILE_LINES_MAX = 500;
    static final int ESSAY_CHARS_MIN = 200;

    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL);

    private Texts() {}

    /** Blanks and line ends. */
    static List<Finding> blanks(String path, String text) {
        List<Finding> findings = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].indexOf('\t') >= 0) {
                findings.add(new Finding(path, i + 1, "a tab", "indent with blanks"));
            }
            if (!lines[i].equals(lines[i].stripTrailing())) {
                findings.add(new Finding(path, i + 1, "a trailing blank", "invisible, and a diff some day"));
            }
        }
        if (!text.isEmpty() && !text.endsWith("\n")) {
            findings.add(new Finding(path, lines.length, "no line end at the end", "as .editorconfig says"));
        }
        return findings;
    }

    static List<Finding> length(Source source) {
        int lines = source.lines();
        return lines <= FILE_LINES_MAX
                ? List.of()
                : List.of(new Finding(
                        source.path(), 0, lines + " lines", "a file has at most " + FILE_LINES_MAX + ": split it"));
    }

    /**
     * Every package of a module is described in its main or its test sources.
     *
     * @param texts by path
     */
    static List<Finding> essays(Map<String, String> texts) {
        SortedMap<String, Integer> essayChars = new TreeMap<>();
        List<Finding> findings = new ArrayList<>();
        texts.forEach((path, text) -> {
            if (path.endsWith(".java")) {
                boolean describes = path.endsWith("/package-info.java");
                String name = path.replace("/src/test/", "/src/main/").replaceFirst("/[^/]*$", "");
                essayChars.merge(name, describes ? essay(text).length() : 0, Math::max);
                if (describes && !text.contains("\n@NullMarked\n")) {
                    findings.add(new Finding(path, 0, "no @NullMarked", "null is checked in every package"));
                }
            }
        });
        essayChars.forEach((name, chars) -> {
            if (chars <= ESSAY_CHARS_MIN) {
                String what = "package-info has an essay of " + chars + " characters";
                String reason = "a newcomer learns from it what is where, and why: more than " + ESSAY_CHARS_MIN;
                findings.add(new Finding(name, 0, what, reason));
            }
        });
        return findings;
    }

    private static String essay(String text) {
        Matcher javadoc = JAVADOC.matcher(text);
        return javadoc.find() ? javadoc.group(1).replaceAll("\\s+\\*?\\s*", " ").strip() : "";
    }
}
