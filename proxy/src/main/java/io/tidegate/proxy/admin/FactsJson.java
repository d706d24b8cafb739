package io.tidegate.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.signals.Facts.Fact;
import java.util.List;
import java.util.Locale;

/** Facts in JSON's spelling. */
final class FactsJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FactsJson() {}

    static String of(List<Facts> all) {
        ArrayNode array = JSON.createArrayNode();
        all.forEach(facts -> put(array.addObject(), facts));
        return text(array);
    }

    static String text(JsonNode json) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values cannot be written", e);
        }
    }

    static void put(ObjectNode json, Facts facts) {
        for (Fact fact : facts.all()) {
            String name = camelCase(fact.name());
            if (fact.value() instanceof Facts nested) {
                put(json.putObject(name), nested);
            } else {
                json.set(name, JSON.valueToTree(fact.value()));
            }
        }
    }

    /** {@code longest-wait-millis} as {@code longestWaitMillis}. */
    private static String camelCase(String name) {
        StringBuilder camel = new StringBuilder();
        for (String word : name.split("-", -1)) {
            camel.append(camel.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return camel.toString();
    }
}
