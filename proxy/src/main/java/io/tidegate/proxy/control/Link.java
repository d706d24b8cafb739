package io.tidegate.proxy.control;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The watch over one address: one connection at a time, and on it one exchange at a time. Every attempt to connect has a
 * number of its own, the {@code link} of its events, and ends with exactly one loss, unless the link is closed before.
 *
 * <pre>
 *   NEW -> CONNECTING -> READY <-> ASKING
 *              ^  |        |         |        (refused, closed by the peer, no reply in time, unreadable)
 *              |  v        v         v
 *             RESTING <----+---------+
 *   any -> CLOSED
 * </pre>
 *
 * <p>Each state but NEW and CLOSED is left by a limit at the latest: CONNECTING by Lettuce's limits on connecting and
 * handshake (a name's lookup by the system's), ASKING by that on a reply, READY by the next question's turn, RESTING by
 * the {@link Backoff}, or by news that ends it ({@link #hurry}). All of it happens on the control loop; what Lettuce calls begins a turn of it.
 *
 * @param <C> the kind of connection
 */
abstract class Link<C extends StatefulRedisConnection<String, String>> {

    /**
     * What links share.
     *
     * @param turns runs a turn of the control loop at once; only on the loop
     * @param numbers gives each connection of this process another number, a later one a larger one
     * @param complaints of what an operator has to mend: about what, and the complaint
     * @param backend where goes what nodes say of themselves
     */
    record Context(
            Connector connector,
            Clock clock,
            RandomGenerator random,
            Executor turns,
            LongSupplier numbers,
            Consumer<Event> events,
            BiConsumer<String, String> complaints,
            BackendView backend) {}

    /** The replies to one exchange, with its instants rounded against ourselves. */
    record Answer(long link, long writtenNanos, long readNanos, List<Reply> replies) {}

    private enum State {
        NEW,
        CONNECTING,
        READY,
        ASKING,
        RESTING,
        CLOSED
    }

    final Context context;
    final NodeAddress address;
    /** An attempt to connect that is not older may still succeed by itself. */
    private static final long ATTEMPT_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

    private final Backoff backoff;
    private final Alarm alarm;
    private State state = State.NEW;
    private long number;
    private long openedNanos;
    /** The wait for the next attempt is as short as it gets. */
    private boolean hurried;

    // Not null in READY and ASKING only.
    private @Nullable C connection;

    Link(Context context, NodeAddress address) {
        this.context = context;
        this.address = address;
        this.backoff = new Backoff(context.random());
        this.alarm = new Alarm(context.connector().loop(), context.turns());
    }

    /** Connects, once; from then on this link sees to it that there is a connection until {@link #close}. */
    final void open() {
        state = State.CONNECTING;
        number = context.numbers().getAsLong();
        openedNanos = context.clock().nowNanos();
        hurried = false;
        long attempt = number;
        try {
            dial(address).whenComplete((fresh, failure) -> dialled(attempt, fresh, failure));
        } catch (RuntimeException e) { // not even begun
            lose(number, Reasons.of(e));
        }
    }

    /**
     * What kept it from connecting may be over: connects almost at once, if it rests, or if its attempt has got no answer for a
     * while, as when a partition takes its packets: the next packet of that attempt may be seconds away.
     */
    final void hurry() {
        if (state == State.CONNECTING && context.clock().nowNanos() - openedNanos >= ATTEMPT_NANOS_MIN) {
            lose(number, "no connection yet, and another attempt is made");
        }
        if (state == State.RESTING && !hurried) {
            hurried = true;
            backoff.reset();
            alarm.set(backoff.nextNanos(), this::open);
        }
    }

    /** Closes without an event: nobody wants to hear of this link any more. */
    final void close() {
        state = State.CLOSED;
        drop();
    }

    abstract CompletionStage<? extends C> dial(NodeAddress node);

    /** The connection is there, and nothing has been written on it. */
    abstract void connected(C fresh, long link);

    /** Nothing is outstanding: asks, or waits for its turn to ask. */
    abstract void ready();

    abstract Event lost(long link, String reason);

    /** Why an attempt to connect failed, for an operator. */
    String reason(Throwable failure) {
        return Reasons.of(failure);
    }

    /** Connected; perhaps not yet proven to be worth it. */
    final boolean usable() {
        return state == State.READY || state == State.ASKING;
    }

    final boolean isCurrent(long link) {
        return link == number && usable();
    }

    final boolean isReady() {
        return state == State.READY;
    }

    /** Something was learnt over the current connection. */
    final void tell(Event event) {
        context.events().accept(event);
    }

    /** In state READY: comes back to {@link #ready} then. */
    final void readyIn(long delayNanos) {
        alarm.set(delayNanos, this::ready);
    }

    /**
     * In state READY: writes the queries. When all replies have come the link is READY again, the consumer gets them,
     * and then, unless it has asked anew, {@link #ready} is called.
     */
    final void ask(List<Query> queries, Consumer<Answer> consumer) {
        C open = Objects.requireNonNull(connection, "asked in state " + state);
        state = State.ASKING;
        long asked = number;
        long replyNanosMax = context.connector().replyNanosMax();
        alarm.set(
                replyNanosMax,
                () -> lose(
                        asked,
                        "no reply to " + queries.get(0) + " within " + TimeUnit.NANOSECONDS.toMillis(replyNanosMax)
                                + " ms"));
        long writtenNanos = context.clock().nowNanos(); // before the first byte can be written
        Exchange.ask(open, queries, new Exchange.Handler() {
            @Override
            public void answered(List<Reply> replies) {
                long readNanos = context.clock().nowNanos(); // after the read that brought the last reply
                Answer answer = new Answer(asked, writtenNanos, readNanos, replies);
                context.turns().execute(() -> Link.this.answered(answer, consumer));
            }

            @Override
            public void failed(Throwable cause) {
                context.turns().execute(() -> lose(asked, Reasons.of(cause)));
            }
        });
    }

    private void answered(Answer answer, Consumer<Answer> consumer) {
        if (answer.link() != number || state != State.ASKING) {
            return; // given up meanwhile
        }
        state = State.READY;
        alarm.cancel();
        try {
            consumer.accept(answer);
        } catch (Reply.UnreadableException e) {
            lose(answer.link(), Reasons.of(e));
            return;
        }
        backoff.reset();
        if (isReady()) {
            ready();
        }
    }

    /** Gives the connection of this number up, or the attempt at it, and opens another later. Nothing if it is not in use. */
    final void lose(long link, String reason) {
        if (link != number || (state != State.CONNECTING && !usable())) {
            return;
        }
        state = State.RESTING;
        drop();
        alarm.set(backoff.nextNanos(), this::open);
        context.events().accept(lost(link, reason));
    }

    private void dialled(long attempt, @Nullable C fresh, @Nullable Throwable failure) {
        if (state != State.CONNECTING || attempt != number) { // given up, or closed, and perhaps the control loop too
            if (fresh != null) {
                discard(fresh);
            }
        } else if (fresh == null) {
            String reason = failure == null ? "no connection" : reason(failure);
            context.turns().execute(() -> lose(attempt, reason));
        } else {
            context.turns().execute(() -> opened(fresh));
        }
    }

    private void opened(C fresh) {
        state = State.READY;
        connection = fresh;
        long opened = number;
        fresh.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                context.turns().execute(() -> lose(opened, "the connection was closed"));
            }
        });
        connected(fresh, number);
        if (isReady()) {
            ready();
        }
    }

    private void drop() {
        alarm.cancel();
        C old = connection;
        connection = null;
        if (old != null) {
            discard(old);
        }
    }

    private void discard(C unwanted) {
        CompletionStage<Void> closed = unwanted.closeAsync();
        closed.whenComplete((ignored, failure) -> {
            if (failure != null) {
                context.complaints().accept(toString(), "cannot be closed: " + Reasons.of(failure));
            }
        });
    }
}
