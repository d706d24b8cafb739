package io.tidegate.bench.compare;

import static java.util.stream.Collectors.toCollection;

import io.tidegate.bench.load.Traffic;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/** In what two cases can differ. */
enum Axis {
    CONNECTIONS("connections", Traffic::connections),
    PIPELINE("pipeline", Traffic::pipeline),
    VALUE_BYTES("value", Traffic::valueBytes),
    SET_PERCENT("SET %", Traffic::setPercent);

    private static final int KIBI = 1 << 10;
    private static final int MEBI = 1 << 20;

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // a method of a record
    private final ToIntFunction<Traffic> value;

    Axis(String title, ToIntFunction<Traffic> value) {
        this.title = title;
        this.value = value;
    }

    String title() {
        return title;
    }

    int of(Traffic traffic) {
        return value.applyAsInt(traffic);
    }

    /** The value as a person writes it: {@code 16 KiB}. */
    String text(Traffic traffic) {
        int number = of(traffic);
        if (this != VALUE_BYTES) {
            return Integer.toString(number);
        }
        if (number >= MEBI && number % MEBI == 0) {
            return number / MEBI + " MiB";
        }
        return number >= KIBI && number % KIBI == 0 ? number / KIBI + " KiB" : number + " B";
    }

    /** Those in which these differ. */
    static List<Axis> varying(List<Traffic> cases) {
        return Arrays.stream(values())
                .filter(axis -> axis.values(cases).size() > 1)
                .toList();
    }

    private Set<Integer> values(List<Traffic> cases) {
        return cases.stream().map(this::of).collect(toCollection(LinkedHashSet::new));
    }
}
