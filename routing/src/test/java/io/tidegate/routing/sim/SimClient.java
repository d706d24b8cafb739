package io.tidegate.routing.sim;

import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Causality;
import io.tidegate.routing.Durability;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.ReadLevel;

/** One session at a proxy: writes and reads, one command at a time, and remembers what it was promised. */
final class SimClient {
    final Causality causality;

    final Scope scope;

    /** What its writes ask for. */
    final Durability durability;

    private final SimProxy proxy;
    private final RandomSource random;
    private final Invariants invariants;
    private final Pace pace;
    private final ReadLevel level;
    private boolean stopped;

    /** What this session has seen last, at level session, and under which claim. */
    Log.Snapshot seen = new Log(0).snapshot();

    Invariants.Claim seenUnder = Invariants.Claim.NONE;

    /** What several sessions may share: whose writes they must see. */
    static final class Scope {
        final CausalScope causal = new CausalScope();
        final Acknowledgements writes = new Acknowledgements();
    }

    SimClient(
            SimProxy proxy,
            Invariants invariants,
            Pace pace,
            Scope scope,
            ReadLevel level,
            Durability durability,
            RandomSource random) {
        this.proxy = proxy;
        this.invariants = invariants;
        this.pace = pace;
        this.scope = scope;
        this.level = level;
        this.durability = durability;
        this.random = random;
        causality = new Causality(scope.causal);
    }

    void start() {
        next();
    }

    void stop() {
        stopped = true;
    }

    private void next() {
        if (!stopped) {
            proxy.later(pace.thinkNanos(random), () -> {
                int write = random.next(10) < 4 ? invariants.nextWrite() : Log.NO_WRITE;
                Request request = new Request(
                        this,
                        write,
                        level,
                        proxy.queue.nowNanos(),
                        invariants.strong().before());
                invariants.submitted(proxy, request);
                proxy.dataPlane.submit(request);
            });
        }
    }

    void answered() {
        next();
    }
}
