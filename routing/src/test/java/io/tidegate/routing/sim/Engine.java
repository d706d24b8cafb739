package io.tidegate.routing.sim;

import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.RoutingEngine;
import java.util.List;

/** The engine as a proxy drives it, so that a {@link PlantedFault} can stand in between. */
interface Engine {
    List<Action> start(long nowNanos);

    List<Action> step(Event event, long nowNanos);

    static Engine real(EngineSettings settings) {
        RoutingEngine engine = new RoutingEngine(settings);
        return new Engine() {
            @Override
            public List<Action> start(long nowNanos) {
                return engine.start(nowNanos);
            }

            @Override
            public List<Action> step(Event event, long nowNanos) {
                return engine.step(event, nowNanos);
            }
        };
    }
}
