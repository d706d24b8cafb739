package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import io.tidegate.proxy.downstream.HandFedProxy.Options;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that wait for a primary are tried again with every table, and that costs none of them an object. */
@Timeout(120)
class HeldAllocationIT {
    private static final int CLIENTS = 50;
    private static final int TABLES = 400;
    private static final int ROUNDS_MAX = 60;

    /** Of the loop's own work meanwhile: a task for each table, a timer for each millisecond. An object takes 16 or more. */
    private static final long BYTES_PER_TRY_MAX = 12;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<RedisCommandClient> clients = new ArrayList<>();

    private Level leaks;
    private FakeRedis primary;
    private HandFedProxy proxy;
    private long loopThread;

    @BeforeEach
    void start() throws Exception {
        leaks = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(Level.DISABLED); // it notes down every access to a buffer
        primary = new FakeRedis();
        proxy = new HandFedProxy(Options.with(options -> options.holdMax = Duration.ofMinutes(2)));
        CompletableFuture<Long> id = new CompletableFuture<>();
        proxy.onLoop(() -> id.complete(Thread.currentThread().getId()));
        loopThread = id.get();
    }

    @AfterEach
    void stop() throws Exception {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        proxy.close();
        primary.close();
        ResourceLeakDetector.setLevel(leaks);
    }

    @Test
    void aTryCostsNoObject() throws Exception {
        publish(0, WriteGate.FENCED);
        hold();
        assertThat(bytesPerTry()).isLessThan(BYTES_PER_TRY_MAX);
        publish(0, WriteGate.OPEN);
        FakeRedis.Peer peer = primary.peer();
        for (int i = 0; i < CLIENTS; i++) {
            peer.expect("SET");
        }
    }

    private void hold() throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
            clients.add(client);
            client.write("SET", "k", "v");
        }
        await().until(() -> proxy.counted("tidegate_held_requests") == CLIENTS);
    }

    /** In the round with least: it takes some until all is compiled as well as it will be. */
    private double bytesPerTry() throws Exception {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && least >= BYTES_PER_TRY_MAX; round++) {
            long before = threads.getThreadAllocatedBytes(loopThread);
            for (int i = 0; i < TABLES; i++) {
                publish(i, WriteGate.FENCED);
                proxy.settled(); // it has taken the table
                proxy.settled(); // and tried all
            }
            long bytes = threads.getThreadAllocatedBytes(loopThread) - before;
            least = Math.min(least, (double) bytes / (TABLES * CLIENTS));
        }
        return least;
    }

    /** One that differs from the one before in what may end a wait. */
    private void publish(int number, WriteGate gate) {
        proxy.plane.publish(new RoutingTable(
                proxy.plane.table().generation() + 1,
                1,
                primary.node(),
                gate,
                Instants.FOREVER,
                List.of(),
                number % 2 == 1));
    }
}
