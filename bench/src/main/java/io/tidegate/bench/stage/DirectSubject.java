package io.tidegate.bench.stage;

import java.util.Optional;

/** Nothing between the load and the primary. */
record DirectSubject() implements Subject {
    static final String NAME = "direct";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public Running start(Stage stage) {
        return new Running(
                NAME,
                stage.redis().primary().address(),
                Optional.empty(),
                "Redis " + stage.redis().binary().version(),
                Optional.empty());
    }
}
