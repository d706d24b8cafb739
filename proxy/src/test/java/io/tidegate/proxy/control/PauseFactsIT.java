package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a real server does with pauses and names: the facts on which a switchover beside others rests. */
@SuppressWarnings("NullAway.Init")
class PauseFactsIT {
    private static final int ROUNDS = 20;

    private static LocalRedis redis;

    private final RedisProcess server = redis.primary();

    @BeforeAll
    static void start() {
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void letGo() throws IOException {
        server.command("REPLICAOF", "NO", "ONE");
        server.command("CLIENT", "UNPAUSE");
        server.command("FLUSHALL");
    }

    @Test
    void aPauseOutlivesItsConnectionAndAnybodyEndsIt() throws IOException {
        server.command("CLIENT", "PAUSE", "60000", "WRITE");
        try (RedisCommandClient writer = parked("SET", "k", "v")) {
            assertThat(server.command("EXISTS", "k").integer()).isZero();
            server.command("CLIENT", "UNPAUSE");
            assertThat(writer.read().text()).isEqualTo("OK");
        }
    }

    @Test
    void aPausedPrimaryBecomesAReplicaAndRefusesWhatItHadParked() throws IOException {
        server.command("CLIENT", "PAUSE", "60000", "WRITE");
        try (RedisCommandClient writer = parked("SET", "k", "v")) {
            server.command("REPLICAOF", "127.0.0.1", "1");
            server.command("CLIENT", "UNPAUSE");
            assertThatThrownBy(writer::read).hasMessageStartingWith("READONLY");
            assertThat(server.command("EXISTS", "k").integer()).isZero();
        }
    }

    @Test
    void aNameIsSeenInAPauseAndByAllUntilItsConnectionEnds() throws IOException {
        server.command("CLIENT", "PAUSE", "60000", "WRITE");
        try (RedisCommandClient client = server.connect()) {
            String own = Long.toString(client.command("CLIENT", "ID").integer());
            client.command("CLIENT", "SETNAME", MarkedPrimary.NAME);
            assertThat(MarkedPrimary.other(list(), "0")).contains("CLIENT KILL ID " + own + " there");
            assertThat(MarkedPrimary.other(list(), own)).isNull();
        }
        awaitUnmarked();
    }

    @Test
    void ofTwoThatMarkItAtOnceOneSeesNobody() {
        try (Bench one = new Bench();
                Bench other = new Bench()) {
            for (int round = 0; round < ROUNDS; round++) {
                List<Errands> errands = Stream.of(one, other)
                        .map(bench -> new Errands(bench.connector, Runnable::run))
                        .toList();
                CompletableFuture<Optional<String>> first = mark(one, errands.get(0));
                CompletableFuture<Optional<String>> second = mark(other, errands.get(1));
                assertThat(Stream.of(first.join(), second.join())
                                .flatMap(Optional::stream)
                                .toList())
                        .as("who refuses in round %d", round)
                        .singleElement()
                        .asString()
                        .contains("another switchover of " + server.endpoint() + " is under way: the connection from ");
                one.onLoop(errands.get(0)::close);
                other.onLoop(errands.get(1)::close);
                awaitUnmarked();
            }
        }
    }

    @Test
    void aMarkThatWasLostIsNotTakenForOne() throws Exception {
        try (Bench bench = new Bench()) {
            Errands errands = new Errands(bench.connector, Runnable::run);
            MarkedPrimary primary = new MarkedPrimary(errands, bench.clock, NodeAddress.parse(server.endpoint()));
            CompletableFuture<String> paused = new CompletableFuture<>();
            bench.onLoop(() -> primary.mark(against -> {
                paused.complete(String.valueOf(against));
            }));
            assertThat(paused.get(5, TimeUnit.SECONDS)).isEqualTo("null");
            server.command("CLIENT", "KILL", "TYPE", "normal");
            awaitUnmarked();
            bench.await("what was lost to be missed", () -> {
                CompletableFuture<String> told = new CompletableFuture<>();
                bench.onLoop(() -> primary.pause(answer -> told.complete(String.valueOf(answer.trouble()))));
                return told.get(5, TimeUnit.SECONDS).contains(" was lost");
            });
            server.command("SET", "k", "v"); // it is not paused
            bench.onLoop(errands::close);
        }
    }

    /** So what a process that was stopped sends to a node whose part has changed meanwhile is not executed there. */
    @Test
    void aSentinelThatChangesANodesPartClosesWhatIsMarkedThere() throws IOException {
        try (LocalRedis shard = LocalRedis.builder().replicas(1).sentinels(1).start()) {
            RedisProcess old = shard.primary();
            RedisProcess promoted = shard.replicas().get(0);
            // It makes the old primary a replica after four of the first, of which it knows by the second; 8 and 10 s
            // by itself.
            shard.sentinels().get(0).command("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "50", "INFO-PERIOD", "100");
            try (RedisCommandClient atOld = old.connect();
                    RedisCommandClient atPromoted = promoted.connect()) {
                atOld.command("CLIENT", "SETNAME", MarkedPrimary.NAME);
                atPromoted.command("CLIENT", "SETNAME", MarkedPrimary.NAME);
                shard.failover();
                Bench.await("no mark at the new primary", promoted::logTail, () -> isUnmarked(promoted, "master"));
                Bench.await("no mark at the old one", old::logTail, () -> isUnmarked(old, "slave"));
                assertThatThrownBy(() -> atPromoted.command("PING")).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> atOld.command("REPLICAOF", "NO", "ONE"))
                        .isInstanceOf(IOException.class);
                assertThat(isUnmarked(old, "slave")).isTrue();
            }
        }
    }

    /** Not known while the connections of clients are closed there, that of the question too. */
    private static boolean isUnmarked(RedisProcess node, String role) {
        try {
            return role.equals(node.command("ROLE").elements().get(0).text())
                    && MarkedPrimary.other(node.command("CLIENT", "LIST").text(), "0") == null;
        } catch (IOException closed) {
            return false;
        }
    }

    private CompletableFuture<Optional<String>> mark(Bench bench, Errands errands) {
        CompletableFuture<Optional<String>> told = new CompletableFuture<>();
        MarkedPrimary primary = new MarkedPrimary(errands, bench.clock, NodeAddress.parse(server.endpoint()));
        bench.connector.loop().execute(() -> primary.mark(against -> told.complete(Optional.ofNullable(against))));
        return told.orTimeout(5, TimeUnit.SECONDS);
    }

    /** A connection whose command has come to the server. */
    private RedisCommandClient parked(String... command) throws IOException {
        RedisCommandClient writer = server.connect();
        writer.command("CLIENT", "SETNAME", "writer");
        writer.write(command);
        Bench.await(
                "the command to come",
                this::list,
                () -> list().lines().anyMatch(line -> line.contains(" name=writer ") && line.contains(" cmd=set ")));
        return writer;
    }

    private void awaitUnmarked() {
        Bench.await("no mark", this::list, () -> MarkedPrimary.other(list(), "0") == null);
    }

    private String list() {
        try {
            return server.command("CLIENT", "LIST").text();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
