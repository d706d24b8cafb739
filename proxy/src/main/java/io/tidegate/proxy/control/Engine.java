package io.tidegate.proxy.control;

import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.RoutingEngine;
import java.util.List;

/** What {@link ControlLoop} drives: the {@link RoutingEngine}, or in tests a script. */
interface Engine {
    static Engine of(RoutingEngine engine) {
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

    List<Action> start(long nowNanos);

    List<Action> step(Event event, long nowNanos);
}
