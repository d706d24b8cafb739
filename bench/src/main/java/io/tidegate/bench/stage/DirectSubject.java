package io.tidegate.bench.stage;

import java.util.Optional;

/**
 * Nothing between the load and the primary.
 *
 * @param waits whether the load sends a {@code WAIT 1} behind every write
 */
record DirectSubject(boolean waits) implements Subject {
    static final String NAME = "direct";
    static final String WAITING = "direct+wait";

    @Override
    public String name() {
        return waits ? WAITING : NAME;
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public Running start(Stage stage) {
        return new Running(
                name(),
                stage.redis().primary().address(),
                Optional.empty(),
                "Redis " + stage.redis().binary().version(),
                Optional.empty(),
                waits);
    }
}
