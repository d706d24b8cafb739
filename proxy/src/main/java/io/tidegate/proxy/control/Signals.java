package io.tidegate.proxy.control;

import io.tidegate.proxy.signals.ControlSignals;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event.DataPlaneSuspicion;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What event loops tell the control loop, one slot of each kind, so that nothing can pile up: of instants that are
 * wanted the latest counts, since evidence that reaches it reaches the others; of suspicions the first under the latest
 * epoch, since an epoch has one primary and the first evidence against it is as good as the tenth.
 */
final class Signals implements ControlSignals {

    /** Told on the control loop. */
    interface Receiver {
        void evidenceWanted(long readNanos);

        void freshnessWanted(long asOfNanos);

        void replicationWanted(long readNanos);

        void inheritanceWanted(long readNanos);

        void refusalWanted(NodeAddress replaced);

        void suspected(DataPlaneSuspicion suspicion);

        void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer);
    }

    private final Executor controlLoop;
    private final Receiver receiver;
    private final Runnable drain = this::drain;

    private final AtomicLong evidenceNanos = new AtomicLong(Instants.UNKNOWN);
    private final AtomicLong freshnessNanos = new AtomicLong(Instants.UNKNOWN);
    private final AtomicLong replicationNanos = new AtomicLong(Instants.UNKNOWN);
    private final AtomicLong inheritanceNanos = new AtomicLong(Instants.UNKNOWN);
    private final AtomicReference<@Nullable NodeAddress> refuser = new AtomicReference<>();
    private final AtomicReference<@Nullable DataPlaneSuspicion> suspicion = new AtomicReference<>();

    /** Whether a drain is under way to the control loop that will see what is in the slots now. */
    private final AtomicBoolean scheduled = new AtomicBoolean();

    Signals(Executor controlLoop, Receiver receiver) {
        this.controlLoop = controlLoop;
        this.receiver = receiver;
    }

    @Override
    public void evidenceWanted(long readNanos) {
        evidenceNanos.accumulateAndGet(readNanos, Math::max);
        schedule();
    }

    @Override
    public void freshnessWanted(long asOfNanos) {
        freshnessNanos.accumulateAndGet(asOfNanos, Math::max);
        schedule();
    }

    @Override
    public void replicationWanted(long readNanos) {
        replicationNanos.accumulateAndGet(readNanos, Math::max);
        schedule();
    }

    @Override
    public void inheritanceWanted(long readNanos) {
        inheritanceNanos.accumulateAndGet(readNanos, Math::max);
        schedule();
    }

    @Override
    public void refusalWanted(NodeAddress replaced) {
        refuser.set(replaced);
        schedule();
    }

    @Override
    public void suspect(NodeAddress node, long epoch, String evidence) {
        DataPlaneSuspicion fresh = new DataPlaneSuspicion(node, epoch, evidence);
        suspicion.accumulateAndGet(fresh, (old, ours) -> old != null && old.epoch() >= epoch ? old : ours);
        schedule();
    }

    /** No slot: each is answered, and there is at most one for each client that waits for it. */
    @Override
    public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
        try {
            controlLoop.execute(() -> receiver.fenceAsked(release, answer));
        } catch (RejectedExecutionException e) {
            answer.accept(new OperatorAnswer(false, List.of("the control plane has ended")));
        }
    }

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            try {
                controlLoop.execute(drain);
            } catch (RejectedExecutionException e) {
                return; // the control plane is closed: nobody is left to be told, now or later
            }
        }
    }

    private void drain() {
        scheduled.set(false); // first: what is put into a slot from here on schedules a drain of its own
        DataPlaneSuspicion suspected = suspicion.getAndSet(null);
        if (suspected != null) {
            receiver.suspected(suspected);
        }
        long evidence = evidenceNanos.getAndSet(Instants.UNKNOWN);
        if (evidence != Instants.UNKNOWN) {
            receiver.evidenceWanted(evidence);
        }
        long freshness = freshnessNanos.getAndSet(Instants.UNKNOWN);
        if (freshness != Instants.UNKNOWN) {
            receiver.freshnessWanted(freshness);
        }
        long replication = replicationNanos.getAndSet(Instants.UNKNOWN);
        if (replication != Instants.UNKNOWN) {
            receiver.replicationWanted(replication);
        }
        long inheritance = inheritanceNanos.getAndSet(Instants.UNKNOWN);
        if (inheritance != Instants.UNKNOWN) {
            receiver.inheritanceWanted(inheritance);
        }
        NodeAddress replaced = refuser.getAndSet(null);
        if (replaced != null) {
            receiver.refusalWanted(replaced);
        }
    }
}
