package io.tidegate.proxy.it;

import io.tidegate.protocol.RespValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One element of the reply to {@code PROXY FAILOVERS}, read as a program would, whichever the protocol. */
record ToldFailover(Map<String, RespValue> facts) {
    static ToldFailover of(RespValue map) {
        Map<String, RespValue> facts = new LinkedHashMap<>();
        List<RespValue> turns = map.elements();
        for (int i = 0; i < turns.size(); i += 2) {
            facts.put(turns.get(i).text(), turns.get(i + 1));
        }
        return new ToldFailover(facts);
    }

    /** Null if the proxy does not know. */
    @Nullable String text(String name) {
        RespValue value = fact(name);
        return value.isNull() ? null : value.text();
    }

    long number(String name) {
        return fact(name).integer();
    }

    double millis(String name) {
        RespValue value = fact(name);
        return value instanceof RespValue.Real real ? real.value() : Double.parseDouble(value.text());
    }

    ToldFailover nested(String name) {
        return of(fact(name));
    }

    private RespValue fact(String name) {
        RespValue value = facts.get(name);
        if (value == null) {
            throw new AssertionError("no " + name + " in " + facts.keySet());
        }
        return value;
    }
}
