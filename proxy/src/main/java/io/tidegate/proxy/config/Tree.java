package io.tidegate.proxy.config;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A configuration before anybody knows what it means: texts, lists and maps, each with its {@code place} ({@code
 * tidegate.yaml:7} or the name of an environment variable). Lists and maps stay open until {@link Environment} has laid
 * the variables over them; the tree is then only read.
 */
sealed interface Tree {
    String place();

    /** What it is, without what it says. */
    String shape();

    /** How a mistake speaks of it: a text as it is written. */
    default String describe() {
        return shape();
    }

    /** In one line, as one would write it. */
    String written();

    /** A key without a value. */
    record Nothing(String place) implements Tree {
        @Override
        public String shape() {
            return "nothing";
        }

        @Override
        public String written() {
            return "";
        }
    }

    record Text(String text, String place) implements Tree {
        private static final int SHOWN_MAX = 80;

        @Override
        public String shape() {
            return "text";
        }

        @Override
        public String describe() {
            String shown = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
            // An address written as a URL may carry a password in front of its @.
            int at = text.lastIndexOf('@');
            if (at >= 0) {
                shown = "***" + text.substring(at, Math.min(text.length(), at + SHOWN_MAX));
            }
            return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
        }

        @Override
        public String written() {
            return text.replaceAll("\\p{Cntrl}", "?");
        }
    }

    record Items(List<Tree> items, String place) implements Tree {
        @Override
        public String shape() {
            return "a list";
        }

        @Override
        public String written() {
            return items.stream().map(Tree::written).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** A map; {@link Field#place} is where the key is. */
    record Fields(Map<String, Field> fields, String place) implements Tree {
        @Override
        public String shape() {
            return "a map";
        }

        @Override
        public String written() {
            return fields.entrySet().stream()
                    .map(field ->
                            field.getKey() + ": " + field.getValue().value().written())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    record Field(String place, Tree value) {}
}
