package io.tidegate.proxy.control;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.tidegate.proxy.control.SentinelPipeline.Target;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.SentinelState;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The watch over one sentinel. Its queries and its subscription share one RESP3 connection, so that a report and the
 * messages around it arrive in the order in which the sentinel came to know them: a report that is read before a vote's
 * message was given before the vote.
 *
 * <p>A pipeline is sent as often as {@link LeasePace} finds that the lease needs, and at once where the engine asks for it;
 * a wish that comes while a pipeline is outstanding is remembered, as one.
 */
final class SentinelLink extends Link<StatefulRedisPubSubConnection<String, String>> {
    /** However often it is asked for, a pipeline is not sent more often than this, unless the primary moved. */
    private static final long ASKED_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long CENSUS_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Who else there is may be asked a moment later than who is primary, which requests wait for. */
    private static final long CENSUS_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A pipeline is repeated at once so often in a row when the primary moved meanwhile; then in its turn. */
    private static final int REPEATS_MAX = 3;

    /** After these the sentinel knows other replicas or sentinels than before. */
    private static final Set<String> CENSUS_CHANNELS =
            Set.of("+slave", "+sentinel", "+switch-master", "+reset-master", "+monitor", "+promoted-slave");

    /** After this {@code SENTINEL MASTER} gives another address: a question under the old one would be asked in vain. */
    static final String SWITCH = "+switch-master";

    private final String shard;
    private final LeasePace pace;

    // Of the current connection.
    private @Nullable Target target;
    private long writtenNanos = Instants.UNKNOWN;
    private int repeats;
    /** Somebody wants to know what the answer to the pipeline last written cannot tell. */
    private boolean wished;
    /** The sentinel turned to another primary since then. */
    private boolean moved;

    private long dueNanos = Instants.UNKNOWN;
    private long censusDueNanos = Instants.UNKNOWN;

    SentinelLink(Context context, NodeAddress address, String shard, LeasePace pace) {
        super(context, address);
        this.shard = shard;
        this.pace = pace;
    }

    /** Sends the pipeline now, or as soon as the one that is outstanding is answered. */
    void askNow() {
        wished = true;
        dueNanos = moved ? Instants.UNKNOWN : writtenNanos + ASKED_NANOS_MIN;
        if (isReady()) {
            ready();
        }
    }

    @Override
    CompletionStage<? extends StatefulRedisPubSubConnection<String, String>> dial(NodeAddress node) {
        return context.connector().sentinel(node);
    }

    @Override
    void connected(StatefulRedisPubSubConnection<String, String> fresh, long link) {
        target = null;
        repeats = 0;
        wished = false;
        writtenNanos = Instants.UNKNOWN;
        dueNanos = Instants.UNKNOWN;
        censusDueNanos = Instants.UNKNOWN;
        fresh.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String pattern, String channel, String payload) {
                long readNanos = context.clock().nowNanos();
                context.turns().execute(() -> heard(link, readNanos, channel, payload));
            }
        });
        // Written before the first query: whatever happens after a report is heard.
        fresh.async().psubscribe("*").whenComplete((ignored, failure) -> {
            if (failure != null) {
                context.turns().execute(() -> lose(link, "PSUBSCRIBE: " + Reasons.of(failure)));
            }
        });
    }

    @Override
    void ready() {
        long nowNanos = context.clock().nowNanos();
        if (nowNanos < dueNanos) {
            readyIn(dueNanos - nowNanos);
            return;
        }
        writtenNanos = nowNanos;
        wished = false;
        moved = false;
        dueNanos = nowNanos + LeasePace.NANOS_MIN; // until its answer tells more
        boolean census = target != null && nowNanos >= censusDueNanos;
        if (census) {
            censusDueNanos = nowNanos + CENSUS_NANOS; // now: what is heard from here on makes it due again
        }
        SentinelPipeline pipeline = new SentinelPipeline(shard, target, census);
        ask(pipeline.queries(), answer -> answered(pipeline, answer));
    }

    @Override
    Event lost(long link, String reason) {
        return new Event.SentinelLost(address, link, Faults.of(reason), reason);
    }

    @Override
    String reason(Throwable failure) {
        String reason = super.reason(failure);
        return reason.startsWith("NOPROTO") || reason.startsWith("ERR unknown command")
                ? "it does not speak RESP3, which is needed to query and to listen on one connection: " + reason
                : reason;
    }

    private void answered(SentinelPipeline pipeline, Answer answer) {
        List<Reply> replies = answer.replies();
        SentinelState state;
        if (!pipeline.shardKnown(replies)) {
            target = null;
            state = pipeline.unknownShard(replies);
        } else {
            Target seen = pipeline.targetSeen(replies);
            if (!seen.equals(pipeline.target())) {
                target = seen;
                censusDueNanos = Instants.UNKNOWN; // what it brought is not reported
                if (++repeats <= REPEATS_MAX) {
                    dueNanos = Instants.UNKNOWN;
                }
                return;
            }
            state = pipeline.state(replies);
        }
        repeats = 0;
        dueNanos = wished ? dueNanos : writtenNanos + pace.nextNanos(address, state);
        tell(new Event.SentinelReport(address, answer.link(), answer.writtenNanos(), answer.readNanos(), state));
    }

    private void heard(long link, long readNanos, String channel, String payload) {
        if (!isCurrent(link) || !isEvent(channel)) {
            return;
        }
        if (CENSUS_CHANNELS.contains(channel)) {
            censusDueNanos = Math.min(censusDueNanos, readNanos + CENSUS_DELAY_NANOS);
        }
        if (channel.equals(SWITCH) && target != null) {
            Target switched = Target.switchedTo(payload, shard);
            target = switched == null ? target : switched;
            moved = true;
        }
        tell(new Event.SentinelMessage(address, link, readNanos, channel, withoutSecret(channel, payload)));
    }

    /** All that sentinels tell is; what else comes is of a server that is none, whose clients talk to each other. */
    private static boolean isEvent(String channel) {
        return channel.startsWith("+") || channel.startsWith("-");
    }

    /** Before Redis 7 a sentinel that is given a password tells everybody. */
    private static String withoutSecret(String channel, String payload) {
        return channel.equals("+set") ? payload.replaceFirst(" auth-pass .*", " auth-pass ******") : payload;
    }

    @Override
    public String toString() {
        return "sentinel " + address;
    }
}
