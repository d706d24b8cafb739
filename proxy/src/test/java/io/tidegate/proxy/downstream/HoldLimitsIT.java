package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.downstream.HandFedProxy.Options;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that wait through a failover: in which order and how fast they go on, and what is counted if none may wait. */
@Timeout(60)
class HoldLimitsIT {
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private final List<RedisCommandClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = new HandFedProxy();
    }

    private void start(Consumer<Options> change) throws Exception {
        proxy.close();
        proxy = new HandFedProxy(Options.with(change));
        proxy.primary(1, primary);
        try (RedisCommandClient warm = proxy.connect(ReadLevel.SESSION)) {
            HandFedProxy.served(warm, "SET", "warm", "1");
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        proxy.close();
        redis.close();
    }

    private void gate(WriteGate gate) throws Exception {
        proxy.table(1, primary, gate, Instants.FOREVER, List.of());
    }

    private RedisCommandClient client() throws Exception {
        RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
        clients.add(client);
        return client;
    }

    @Test
    void theyGoOnOneAfterAnotherTheOldestFirst() throws Exception {
        start(options -> options.drainPerSecond = 50);
        gate(WriteGate.FENCED);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            client().write("RPUSH", "order", Integer.toString(i));
            expected.add(Integer.toString(i));
            int held = i + 1;
            await().until(() -> proxy.counted("tidegate_held_requests") == held);
        }
        gate(WriteGate.OPEN);
        for (int i = 0; i < 12; i++) {
            assertThat(clients.get(i).read().integer()).isEqualTo(i + 1);
        }
        assertThat(primary.command("LRANGE", "order", "0", "-1").elements().stream()
                        .map(RespValue::text))
                .containsExactlyElementsOf(expected);
        assertThat(proxy.counted("tidegate_hold_drain_slowed_total")).isPositive();
        assertThat(proxy.counted("tidegate_held_requests")).isZero();
    }

    @Test
    void whoHasWaitedTooLongIsAnsweredWhateverTheRate() throws Exception {
        start(options -> {
            options.drainPerSecond = 1;
            options.holdMax = Duration.ofMillis(300);
        });
        long holds = proxy.counted("tidegate_holds_total");
        gate(WriteGate.FENCED);
        for (int i = 0; i < 5; i++) {
            client().write("INCR", "n");
        }
        await().until(() -> proxy.counted("tidegate_holds_total") == holds + 5);
        gate(WriteGate.OPEN);
        int sent = 0;
        for (RedisCommandClient client : clients) {
            try {
                client.read();
                sent++;
            } catch (RedisErrorException e) {
                // It may be sent as well once its time is up: there is a primary.
                assertThat(e).hasMessageStartingWith("NOPRIMARY not executed");
            }
        }
        assertThat(primary.command("GET", "n").text()).isEqualTo(Integer.toString(sent));
        assertThat(proxy.counted("tidegate_held_requests")).isZero();
    }

    @Test
    void withDryRunNothingWaitsAndItIsCountedWhatWouldHaveBeenSent() throws Exception {
        start(options -> {
            options.dryRun = true;
            options.heldSessionsMax = 3;
        });
        long holds = proxy.counted("tidegate_holds_total");
        gate(WriteGate.FENCED);
        RedisCommandClient client = client();
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> client.command("INCR", "n")).hasMessageStartingWith("NOPRIMARY not executed");
        }
        assertThat(wouldBe("overloaded")).isEqualTo(2);
        assertThat(wouldBe("sent")).isZero();
        gate(WriteGate.OPEN);
        await().until(() -> wouldBe("sent") == 3);
        assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
        assertThat(proxy.counted("tidegate_holds_total")).isEqualTo(holds);
        assertThat(wouldBe("no_primary")).isZero();
    }

    @Test
    void withDryRunItIsCountedWhatWouldHaveWaitedInVain() throws Exception {
        start(options -> {
            options.dryRun = true;
            options.holdMax = Duration.ofMillis(50);
        });
        gate(WriteGate.FENCED);
        RedisCommandClient client = client();
        assertThatThrownBy(() -> client.command("INCR", "n")).hasMessageStartingWith("NOPRIMARY not executed");
        await().until(() -> wouldBe("no_primary") == 1);
        assertThat(wouldBe("sent")).isZero();
    }

    @Test
    void withDryRunWhatAServerRefusesIsPassedOnAtOnce() throws Exception {
        start(options -> options.dryRun = true);
        RedisCommandClient client = client();
        primary.command("CONFIG", "SET", "min-replicas-to-write", "5");
        assertThatThrownBy(() -> client.command("INCR", "n")).hasMessageStartingWith("NOREPLICAS ");
        primary.command("CONFIG", "SET", "min-replicas-to-write", "0");
        gate(WriteGate.FENCED);
        gate(WriteGate.OPEN);
        await().until(() -> wouldBe("sent") == 1);
        assertThat(proxy.counted("tidegate_replayed_total")).isZero();
    }

    private long wouldBe(String outcome) {
        return proxy.counted("tidegate_dry_run_holds_total{outcome=\"" + outcome + "\"}");
    }
}
