package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;

/** What the engine wants done. The driver does it and reports what came of it as events; no action has a result. */
public sealed interface Action {

    /** Hand this table to every event loop. */
    record Publish(RoutingTable table) implements Action {}

    /** Keep a connection to this node and probe it; already doing so is fine. */
    record WatchNode(NodeAddress node) implements Action {}

    /** Close the connection to this node and forget it. */
    record ForgetNode(NodeAddress node) implements Action {}

    record WatchSentinel(NodeAddress sentinel) implements Action {}

    record ForgetSentinel(NodeAddress sentinel) implements Action {}

    /** Ask this node for INFO now, ahead of its schedule. */
    record AskNode(NodeAddress node) implements Action {}

    /** Send every watched sentinel its pipeline now, ahead of schedule. */
    record AskSentinels() implements Action {}

    /** Something that an operator wants to know happened; goes to the log, the meters and the failover timeline. */
    record Tell(Notice notice) implements Action {}
}
