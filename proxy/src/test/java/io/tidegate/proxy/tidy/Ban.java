package io.tidegate.proxy.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something that may not be written, where, and why.
 *
 * @param pattern what is looked for
 * @param part in which part of a source file
 * @param place in which files
 * @param reason what is shown to whoever wrote it
 */
record Ban(Pattern pattern, Part part, Place place, String reason) {
    enum Part {
        /** Without comments and literals. */
        CODE,
        /** Without what they quote. */
        COMMENTS,
        ALL;

        String of(Source source) {
            return switch (this) {
                case CODE -> source.code();
                case COMMENTS -> withoutQuotations(source.comments());
                case ALL -> source.text();
            };
        }
    }

    enum Place {
        ANYWHERE,
        /** Main code that runs as the proxy, without the command line, which has words for its user. */
        SERVING,
        /** The same, without the one class that reads the clock. */
        CLOCKLESS,
        /** The modules that have no input but their arguments, with their tests. */
        PURE;

        boolean has(String path) {
            boolean serving =
                    path.contains("/src/main/") && !path.startsWith("bench/") && !path.contains("/proxy/cli/");
            return switch (this) {
                case ANYWHERE -> true;
                case SERVING -> serving;
                case CLOCKLESS -> serving && !path.endsWith("/proxy/Clock.java");
                case PURE -> path.startsWith("routing/") || path.startsWith("protocol/");
            };
        }
    }

    static final List<Ban> ALL = List.of(
            code(
                    "Thread\\.sleep|TimeUnit\\.\\w+\\.sleep",
                    Place.ANYWHERE,
                    "wait for a condition, not for an amount of time"),
            code(
                    "System\\.(out|err)\\b",
                    Place.SERVING,
                    "standard output belongs to --json, everything else to the log"),
            code("System\\.exit|\\.halt\\(", Place.SERVING, "only the command line decides when the process ends"),
            code("printStackTrace", Place.ANYWHERE, "log it with its context, or throw it"),
            code(
                    "System\\.(nanoTime|currentTimeMillis)|Instant\\.now|LocalDateTime\\.now|ZonedDateTime\\.now",
                    Place.CLOCKLESS,
                    "time is an argument; Clock is its only source"),
            code(
                    "new Random\\(\\)|Math\\.random",
                    Place.ANYWHERE,
                    "chance is an argument, and in tests seeded and printed"),
            code(
                    "ThreadLocalRandom|SecureRandom|UUID\\.randomUUID",
                    Place.PURE,
                    "the pure modules get their chance as an argument, so that a run can be repeated"),
            code("@Disabled|@Ignore\\b", Place.ANYWHERE, "a test that does not run is deleted or mended"),
            code("^\\s*import\\s+(static\\s+)?[\\w.]+\\.\\*", Place.ANYWHERE, "name what is imported"),
            new Ban(
                    Pattern.compile("catch \\([^)]*\\) \\{\\s*\\}"),
                    Part.ALL,
                    Place.ANYWHERE,
                    "an exception is handled, passed on, or ignored with a reason"),
            // The wire's own words in capitals (MASTERDOWN, SENTINEL MASTER) or inside of string literals are free.
            code(
                    "\\b(?![A-Z0-9_]+\\b)\\w*([Mm]aster|[Ss]lave)\\w*",
                    Place.ANYWHERE,
                    "the words are primary and replica; the wire's stay in string literals"),
            comments(
                    "(?<![-\\w.])([Mm]aster|[Ss]lave)s?(?![-\\w]|\\.\\w)",
                    "the words are primary and replica; what the wire says goes into {@code …} or quotation marks"),
            code("TODO|FIXME|XXX", Place.ANYWHERE, "do it, or write down why it is not done"),
            comments("TODO|FIXME|XXX", "do it, or write down why it is not done"));

    List<Finding> findings(Source source) {
        List<Finding> findings = new ArrayList<>();
        if (place.has(source.path())) {
            Matcher matcher = pattern.matcher(part.of(source));
            while (matcher.find()) {
                findings.add(new Finding(
                        source.path(),
                        source.line(matcher.start()),
                        matcher.group().strip(),
                        reason));
            }
        }
        return findings;
    }

    /** Blanks what a comment quotes. */
    private static String withoutQuotations(String comments) {
        Matcher quotation = Pattern.compile("\\{@code[^}]*}|\"[^\"\n]*\"|<pre>.*?</pre>", Pattern.DOTALL)
                .matcher(comments);
        return quotation.replaceAll(found -> found.group().replaceAll("[^\n]", " "));
    }

    private static Ban code(String regex, Place place, String reason) {
        return new Ban(Pattern.compile(regex, Pattern.MULTILINE), Part.CODE, place, reason);
    }

    private static Ban comments(String regex, String reason) {
        return new Ban(Pattern.compile(regex), Part.COMMENTS, Place.ANYWHERE, reason);
    }
}
