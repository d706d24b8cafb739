package io.tidegate.proxy.admin;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tidegate.routing.ReadLevel;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What {@code /explain} is asked.
 *
 * @param words the command's, at least one
 */
record ExplainQuery(List<String> words, ReadLevel level) {
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /**
     * Reads {@code ?command=GET+k&level=eventual}; without a level it is {@code standard}.
     *
     * @throws IllegalArgumentException with what was expected
     */
    static ExplainQuery of(String uri, ReadLevel standard) {
        Map<String, List<String>> parameters = new QueryStringDecoder(uri).parameters();
        String command = first(parameters, "command").strip();
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: none (expected: /explain?command=GET+key)");
        }
        String level = first(parameters, "level").strip().toLowerCase(Locale.ROOT);
        return new ExplainQuery(
                List.of(BLANKS.split(command, -1)), level.isEmpty() ? standard : ReadLevel.parse(level));
    }

    private static String first(Map<String, List<String>> parameters, String name) {
        List<String> all = parameters.getOrDefault(name, List.of());
        return all.isEmpty() ? "" : all.get(0);
    }
}
