package io.tidegate.proxy.admin;

import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.signals.Facts.Fact;
import java.util.List;
import java.util.Locale;

/** Facts in JSON's spelling. */
final class FactsJson {
    private FactsJson() {}

    static String of(List<Facts> all) {
        Json.Items array = new Json.Items();
        all.forEach(facts -> put(array.addObject(), facts));
        return array.pretty() + "\n";
    }

    static void put(Json.Fields json, Facts facts) {
        for (Fact fact : facts.all()) {
            String name = camelCase(fact.name());
            Object value = fact.value();
            if (value instanceof Facts nested) {
                put(json.putObject(name), nested);
            } else if (value instanceof Long number) {
                json.put(name, number);
            } else if (value instanceof Double number) {
                json.put(name, number);
            } else {
                json.put(name, (String) value);
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
