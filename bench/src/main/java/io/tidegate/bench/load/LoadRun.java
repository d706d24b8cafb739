package io.tidegate.bench.load;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.tidegate.proxy.loop.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** One run of the load: connects, lets the traffic flow, looks at the counters twice, and is gone. */
final class LoadRun {
    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final int READ_BYTES = 64 * 1024;

    /** How long replies are waited for when the measured time is over. */
    static final long DRAIN_MILLIS_MAX = 1_000;

    /** How much later than it should a run may end before it is given up. */
    private static final long GRACE_MILLIS = 10_000;

    /** More connections than this are opened from several addresses of the loopback, each of which has ports of its own. */
    private static final int SOURCE_CONNECTIONS = 1_000;

    private static final int SOURCES = 16;

    private final LoadPlan plan;
    private final EventLoop loop;
    private final CompletableFuture<LoadResult> result = new CompletableFuture<>();

    /** All that were opened, until they are closed. */
    private final ChannelGroup channels;

    // From here on confined to the event loop, once the connections are there.
    private final List<Pacing> pacings = new ArrayList<>();
    private final Tally tally = new Tally();
    private final Waits waits = new Waits();

    private LoadRun(LoadPlan plan, EventLoop loop) {
        this.plan = plan;
        this.loop = loop;
        this.channels = new DefaultChannelGroup(loop);
    }

    /**
     * Makes a run, in little more than the time that it is planned for, come what may.
     *
     * @throws IOException if a connection cannot be opened, is closed, or answers in another language
     */
    static LoadResult make(LoadPlan plan) throws IOException, InterruptedException {
        // Of the two that have timers finer than a millisecond, the one that is available nearly everywhere.
        Transport transport = Transport.EPOLL.unavailabilityCause() == null ? Transport.EPOLL : Transport.NIO;
        EventLoopGroup group = transport.newGroup(1, "load");
        List<Requests> requests = new ArrayList<>();
        LoadRun run = new LoadRun(plan, group.next());
        try {
            for (Traffic traffic : plan.mix()) {
                requests.add(new Requests(traffic, plan.waits()));
                run.connect(transport, traffic, requests.get(requests.size() - 1));
            }
            run.loop.execute(run::begin);
            return run.await();
        } finally {
            // Which gives back what they had still to write. The end of a loop alone leaves some connections open.
            run.channels.close().await();
            group.shutdownGracefully(0, GRACE_MILLIS, MILLISECONDS).await();
            requests.forEach(Requests::close);
        }
    }

    private void connect(Transport transport, Traffic traffic, Requests requests)
            throws IOException, InterruptedException {
        List<Connection> connections = new ArrayList<>();
        Pacing pacing =
                plan.rate() == 0 ? new ClosedLoop(connections) : new OpenLoop(plan, traffic, connections, loop, waits);
        pacings.add(pacing);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(transport.socketClass())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS_MAX)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        channel.pipeline()
                                .addLast(new Connection(
                                        connections.size(),
                                        channel,
                                        requests,
                                        traffic,
                                        plan.repliesPerRequest(),
                                        pacing,
                                        tally,
                                        result::completeExceptionally));
                    }
                });
        boolean spread = plan.connections() > SOURCE_CONNECTIONS && plan.host().startsWith("127.");
        for (int i = 0; i < traffic.connections(); i++) {
            if (spread) {
                bootstrap.localAddress(new InetSocketAddress("127.0.0." + (2 + i % SOURCES), 0));
            }
            ChannelFuture connected =
                    bootstrap.connect(plan.host(), plan.port()).await();
            if (!connected.isSuccess()) {
                throw new IOException("no connection " + (i + 1) + " to " + target(), connected.cause());
            }
            connections.add(connected.channel().pipeline().get(Connection.class));
        }
    }

    private void begin() {
        if (plan.leadMillis() == 0) {
            // Not in a turn of its own, by which some replies may have come.
            measure();
        } else {
            loop.schedule(this::measure, plan.leadMillis(), MILLISECONDS);
        }
        pacings.forEach(Pacing::begin);
    }

    private void measure() {
        try {
            Counters before = look();
            loop.schedule(() -> end(before), plan.measureMillis(), MILLISECONDS);
        } catch (IOException e) {
            result.completeExceptionally(e);
        }
    }

    private void end(Counters before) {
        try {
            Counters after = look();
            loop.schedule(() -> complete(before, after), DRAIN_MILLIS_MAX, MILLISECONDS);
            int[] open = {pacings.size()};
            pacings.forEach(pacing -> pacing.end(() -> {
                if (--open[0] == 0) {
                    complete(before, after);
                }
            }));
        } catch (IOException e) {
            result.completeExceptionally(e);
        }
    }

    private void complete(Counters before, Counters after) {
        if (!result.isDone()) {
            pacings.forEach(Pacing::giveUp);
            Map<Long, ProcessUsage> used = new LinkedHashMap<>();
            for (int i = 0; i < plan.pids().size(); i++) {
                used.put(plan.pids().get(i), after.usages.get(i).since(before.usages.get(i)));
            }
            result.complete(new LoadResult(
                    after.replies - before.replies,
                    after.nanos - before.nanos,
                    tally.errors,
                    tally.misses,
                    plan.rate() == 0 ? null : waits.latencies(),
                    used));
        }
    }

    private Counters look() throws IOException {
        List<ProcessUsage> usages = new ArrayList<>();
        for (long pid : plan.pids()) {
            usages.add(ProcessUsage.of(pid));
        }
        return new Counters(System.nanoTime(), tally.replies, usages);
    }

    private LoadResult await() throws IOException, InterruptedException {
        try {
            return result.get(plan.leadMillis() + plan.measureMillis() + DRAIN_MILLIS_MAX + GRACE_MILLIS, MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the run against " + target() + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the run against " + target() + " did not end", e);
        }
    }

    private String target() {
        return plan.host() + ":" + plan.port();
    }

    /** What there was to see at an instant; of the processes in the plan's order. */
    private record Counters(long nanos, long replies, List<ProcessUsage> usages) {}
}
