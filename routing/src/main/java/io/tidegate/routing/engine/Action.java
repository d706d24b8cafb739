package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.List;

/** What the engine wants done. The driver does it and reports what came of it as events; no action has a result. */
public sealed interface Action {

    /** One method per kind of action, so that none can be forgotten. */
    interface Handler {
        void on(Publish action);

        void on(WatchNode action);

        void on(ForgetNode action);

        void on(WatchSentinel action);

        void on(ForgetSentinel action);

        void on(AskNode action);

        void on(AskSentinels action);

        void on(Tell action);

        void on(AnswerFence action);

        void on(PauseWrites action);

        void on(Demote action);
    }

    /** Calls the handler's method for this kind of action. */
    void dispatch(Handler handler);

    /** Hand this table to every event loop. */
    record Publish(RoutingTable table) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Keep a connection to this node and probe it; already doing so is fine. */
    record WatchNode(NodeAddress node) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Close the connection to this node and forget it. */
    record ForgetNode(NodeAddress node) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    record WatchSentinel(NodeAddress sentinel) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    record ForgetSentinel(NodeAddress sentinel) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Ask this node for INFO now, ahead of its schedule. */
    record AskNode(NodeAddress node) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Send every watched sentinel its pipeline now, ahead of schedule. */
    record AskSentinels() implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Something that an operator wants to know happened; goes to the log, the meters and the failover timeline. */
    record Tell(Notice notice) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers an operator's {@link Event.FenceAsked}.
     *
     * @param granted whether what was asked for was done
     * @param lines how the fence stands; if not granted one line, why
     */
    record AnswerFence(long request, boolean granted, List<String> lines) implements Action {
        public AnswerFence {
            lines = List.copyOf(lines);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Has a replaced primary refuse nothing and execute no write for {@code nanos}, over connection {@code link} and no
     * other: what is at the node's address may change. At once or not at all; the engine wants it again if it must.
     */
    record PauseWrites(NodeAddress node, long link, long nanos) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Makes a replaced primary a replica of {@code primary}; likewise. */
    record Demote(NodeAddress node, long link, NodeAddress primary) implements Action {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }
}
