package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane can hear. Instants are on the proxy's monotonic clock and rounded against ourselves: {@code
 * writtenNanos} is taken before the query was written, {@code readNanos} after the reply was read. A {@code link} is the
 * number of one connection to one process; a new connection has a new number, and reports over an old one that arrive
 * late are recognised by it.
 *
 * <p>Links are numbered upwards: a higher number is a newer connection.
 */
public sealed interface Event {

    /** One method per kind of event, so that none can be forgotten. */
    interface Handler {
        void on(NodeInfo event, long nowNanos);

        void on(NodeRole event, long nowNanos);

        void on(NodeBusy event, long nowNanos);

        void on(NodeLost event, long nowNanos);

        void on(SentinelReport event, long nowNanos);

        void on(SentinelMessage event, long nowNanos);

        void on(SentinelLost event, long nowNanos);

        void on(DataPlaneSuspicion event, long nowNanos);

        void on(EvidenceWanted event, long nowNanos);

        void on(FenceAsked event, long nowNanos);

        void on(PatienceChanged event, long nowNanos);

        void on(Tick event, long nowNanos);
    }

    /** Calls the handler's method for this kind of event. */
    void dispatch(Handler handler, long nowNanos);

    /** A reply to {@code INFO server} and {@code INFO replication} in one query: all there is to know of a node. */
    record NodeInfo(NodeAddress node, long link, long writtenNanos, long readNanos, ReplicationInfo info)
            implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** A reply to {@code ROLE}: cheap, asked often; says nothing of run id and history. */
    record NodeRole(NodeAddress node, long link, long writtenNanos, long readNanos, Role role) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** The node has said that it is busy with a script, and nothing else: it is there, and proves nothing. */
    record NodeBusy(NodeAddress node, long link, long readNanos) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /**
     * The connection ended, could not be opened, or a query on it was not answered in time.
     *
     * @param reason one clause for a log
     */
    record NodeLost(NodeAddress node, long link, Fault fault, String reason) implements Event {
        /** Of a node of which no more is known than that it does not answer. */
        public NodeLost(NodeAddress node, long link, String reason) {
            this(node, link, Fault.UNREACHABLE, reason);
        }

        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** The answers of one sentinel to the pipeline of queries that {@link SentinelState} lists. */
    record SentinelReport(NodeAddress sentinel, long link, long writtenNanos, long readNanos, SentinelState state)
            implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** A message on a sentinel's subscription, in order with its reports. */
    record SentinelMessage(NodeAddress sentinel, long link, long readNanos, String channel, String payload)
            implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** As {@link NodeLost}, of a sentinel. */
    record SentinelLost(NodeAddress sentinel, long link, Fault fault, String reason) implements Event {
        /** Of a sentinel of which no more is known than that it does not answer. */
        public SentinelLost(NodeAddress sentinel, long link, String reason) {
            this(sentinel, link, Fault.UNREACHABLE, reason);
        }

        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /**
     * The data plane saw something on a connection opened under {@code epoch} that a primary in good health does not
     * do: the connection ended, or a write was refused.
     */
    record DataPlaneSuspicion(NodeAddress node, long epoch, String evidence) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** Replies of the primary read up to {@code readNanos} are parked and wait for evidence that reaches that instant. */
    record EvidenceWanted(long readNanos) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /**
     * An operator asks how the fence stands, or that it be released. Answered by one {@link Action.AnswerFence}, within two
     * seconds and a tick.
     *
     * @param request comes back with the answer
     * @param release the node that the operator says is primary; null for a mere question
     */
    record FenceAsked(long request, @Nullable NodeAddress release) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** {@link EngineSettings#silenceNanosMax} and {@link EngineSettings#probationNanos} are these from here on. */
    record PatienceChanged(long silenceNanosMax, long probationNanos) implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }

    /** Time has passed; sent at least every {@link EngineSettings#tickNanos()}. */
    record Tick() implements Event {
        @Override
        public void dispatch(Handler handler, long nowNanos) {
            handler.on(this, nowNanos);
        }
    }
}
