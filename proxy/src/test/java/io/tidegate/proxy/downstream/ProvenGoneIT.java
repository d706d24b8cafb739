package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes that were sent in vain, and a claim that says from when on they are no part of the data any more. */
@Timeout(60)
class ProvenGoneIT {
    private static final String OK = "+OK\r\n";

    private FakeRedis first;
    private FakeRedis second;
    private FakeRedis third;
    private HandFedProxy proxy;
    private RedisCommandClient client;
    private long startNanos;

    @BeforeEach
    void start() throws Exception {
        first = new FakeRedis(7, true);
        second = new FakeRedis(8, true);
        third = new FakeRedis(9, true);
        proxy = new HandFedProxy();
        publish(1, first, Instants.FOREVER, Fork.NONE);
        client = proxy.connect(ReadLevel.SESSION);
        startNanos = proxy.clock.nowNanos();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        first.close();
        second.close();
        third.close();
    }

    @Test
    void aWriteThatIsGoneIsSentAgain() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer old = first.peer();
        old.expect("SET");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("SET");
        peer.send(OK);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(proxy.counted("tidegate_gone_total")).isEqualTo(1);
    }

    /** When a process ends, its connections end one after the other. */
    @Test
    void aConnectionWhoseEndWasNotReadYetDoesNotShowThatTheClaimStands() throws Exception {
        client.write("GET", "k");
        FakeRedis.Peer shared = first.peer();
        shared.expect("GET");
        shared.send("$-1\r\n");
        assertThat(client.read().isNull()).isTrue();
        client.write("BRPOPLPUSH", "k", "l", "0");
        FakeRedis.Peer own = first.peer();
        own.expect("BRPOPLPUSH");
        first.silent = true;
        own.close();
        await().until(() -> first.unanswered.get() == 1);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("BRPOPLPUSH");
        peer.send("$1\r\nv\r\n");
        assertThat(client.read().text()).isEqualTo("v");
    }

    @Test
    void aProcessThatLivesOnIsAskedAndSettlesIt() throws Exception {
        client.write("GET", "k");
        FakeRedis.Peer shared = first.peer();
        shared.expect("GET");
        shared.send("$-1\r\n");
        assertThat(client.read().isNull()).isTrue();
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            client.write("BRPOPLPUSH", "k", "l", "0");
            FakeRedis.Peer clients = first.peer();
            other.write("BRPOPLPUSH", "k", "l", "0");
            FakeRedis.Peer others = first.peer();
            clients.expect("BRPOPLPUSH");
            others.expect("BRPOPLPUSH");
            clients.close();
            others.close();
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            assertThatThrownBy(other::read).hasMessageStartingWith("UNCERTAIN");
        }
        client.write("GET", "k");
        shared.expect("GET");
    }

    @Test
    void aWriteSentBeforeTheForkWasSeenIsNot() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer old = first.peer();
        old.expect("SET");
        long laterNanos = proxy.clock.nowNanos();
        die(old);
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, laterNanos));
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        client.write("GET", "k");
        second.peer().expect("GET");
    }

    @Test
    void withoutANewClaimTheWaitEndsUncertain() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(3)));
                RedisCommandClient waiting = impatient.connect(ReadLevel.SESSION)) {
            impatient.plane.publish(
                    new RoutingTable(1, 1, first.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            waiting.write("SET", "k", "v");
            FakeRedis.Peer old = first.peer();
            old.expect("SET");
            first.close();
            old.close();
            assertThatThrownBy(waiting::read).hasMessageStartingWith("UNCERTAIN");
        }
    }

    @Test
    void ofAPipelineWhatIsNotDeliveredIsSentAgainInItsOrder() throws Exception {
        client.write("SET", "a", "1");
        client.write("GET", "a");
        client.write("INCR", "n");
        client.write("DEL", "a");
        FakeRedis.Peer old = first.peer();
        old.expect("SET", "GET", "INCR", "DEL");
        old.send(OK);
        assertThat(client.read().text()).isEqualTo("OK");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("GET", "INCR", "DEL");
        peer.send("$1\r\n1\r\n:1\r\n:1\r\n");
        assertThat(client.read().text()).isEqualTo("1");
        assertThat(client.read().integer()).isEqualTo(1);
        assertThat(client.read().integer()).isEqualTo(1);
    }

    @Test
    void aScriptIsNotSentAgainButAWriteBehindItIs() throws Exception {
        client.write("EVAL", "return redis.call('publish','c','m')", "0");
        client.write("SET", "k", "v");
        FakeRedis.Peer old = first.peer();
        old.expect("EVAL", "SET");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("SET");
        peer.send(OK);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        assertThat(client.read().text()).isEqualTo("OK");
    }

    @Test
    void aTransactionWhoseExecIsGoneIsSentAgainAsAWhole() throws Exception {
        FakeRedis.Peer old = transaction("INCRBY");
        client.write("EXEC");
        old.expect("EXEC");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("MULTI");
        peer.send(OK);
        peer.expect("INCRBY", "EXEC");
        peer.send("+QUEUED\r\n*1\r\n:7\r\n");
        assertThat(client.read().elements().get(0).integer()).isEqualTo(7);
        client.write("GET", "n");
        FakeRedis.Peer shared = second.peer();
        shared.expect("GET");
        shared.send("$1\r\n7\r\n");
        assertThat(client.read().text()).isEqualTo("7");
    }

    @Test
    void aTransactionThatPublishesIsNot() throws Exception {
        FakeRedis.Peer old = transaction("PUBLISH");
        client.write("EXEC");
        old.expect("EXEC");
        die(old);
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, startNanos));
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    @Test
    void aTransactionOfWhichAnEarlierOneIsUnansweredIsNot() throws Exception {
        FakeRedis.Peer old = transaction("INCRBY");
        client.write("EXEC");
        client.write("MULTI");
        client.write("INCR", "n");
        client.write("EXEC");
        old.expect("EXEC", "MULTI", "INCR", "EXEC");
        die(old);
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, startNanos));
        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        }
    }

    @Test
    void aTransactionThatWatchedIsNot() throws Exception {
        client.write("WATCH", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("WATCH");
        old.send(OK);
        assertThat(client.read().text()).isEqualTo("OK");
        client.write("MULTI");
        client.write("INCR", "n");
        client.write("EXEC");
        old.expect("MULTI", "INCR", "EXEC");
        old.send(OK + "+QUEUED\r\n");
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        die(old);
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, startNanos));
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    @Test
    void aReplyThatTheReplacedPrimaryGaveInVainIsAskedForAgain() throws Exception {
        publish(1, first, Instants.UNKNOWN, Fork.NONE);
        client.write("SET", "k", "v");
        FakeRedis.Peer old = first.peer();
        old.expect("SET");
        old.send(OK);
        await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("SET");
        peer.send("+AGAIN\r\n");
        assertThat(client.read().text()).isEqualTo("AGAIN");
    }

    @Test
    void whatWasSentAgainAndIsLostAgainIsUncertain() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer old = first.peer();
        old.expect("SET");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("SET");
        peer.close();
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        client.write("GET", "k");
        second.peer().expect("GET");
    }

    @Test
    void ofWhatWasSentAgainAndIsLostAgainOnlyTheUnansweredIsUncertain() throws Exception {
        client.write("INCR", "a");
        client.write("INCR", "b");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR", "INCR");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("INCR", "INCR");
        peer.send(":1\r\n");
        assertThat(client.read().integer()).isEqualTo(1);
        publish(3, third, Instants.FOREVER, Fork.NONE);
        peer.close();
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        expectNothingSentToTheThird();
    }

    @Test
    void whatIsGoneWithTwoBranchesIsSentAThirdTime() throws Exception {
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("INCR");
        publish(3, third, Instants.FOREVER, new Fork(2, second.runId(), Instants.UNKNOWN, startNanos));
        peer.close();
        FakeRedis.Peer last = third.peer();
        last.expect("INCR");
        last.send(":1\r\n");
        assertThat(client.read().integer()).isEqualTo(1);
        assertThat(proxy.counted("tidegate_gone_total")).isEqualTo(2);
    }

    @Test
    void whatWasSentAgainBeforeTheSecondForkWasSeenIsUncertain() throws Exception {
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR");
        die(old);
        FakeRedis.Peer peer = succeed(startNanos);
        peer.expect("INCR");
        publish(3, third, Instants.FOREVER, new Fork(2, second.runId(), Instants.UNKNOWN, proxy.clock.nowNanos()));
        peer.close();
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        expectNothingSentToTheThird();
    }

    /** The third may be the first one's replica, or the first one itself, and hold what the second did not have. */
    @Test
    void whatWaitsToBeSentAgainIsNotGoneForAnotherClaim() throws Exception {
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR");
        die(old);
        succeedOutOfReach();
        publish(3, third, Instants.FOREVER, Fork.NONE);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        expectNothingSentToTheThird();
    }

    @Test
    void whatWaitsToBeSentAgainIsStillGoneForAClaimThatBranchedOffTheOneThatProvedIt() throws Exception {
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR");
        die(old);
        succeedOutOfReach();
        publish(3, third, Instants.FOREVER, new Fork(2, second.runId(), Instants.UNKNOWN, Instants.FOREVER));
        FakeRedis.Peer last = third.peer();
        last.expect("INCR");
        last.send(":1\r\n");
        assertThat(client.read().integer()).isEqualTo(1);
    }

    @Test
    void whatWaitsToBeSentAgainIsNotSentToASuccessorAheadOfItsClaim() throws Exception {
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("INCR");
        die(old);
        succeedOutOfReach();
        Fork fork = new Fork(1, first.runId(), Instants.UNKNOWN, startNanos);
        proxy.plane.publish(new RoutingTable(
                proxy.plane.table().generation() + 1,
                2,
                second.node(),
                WriteGate.CUTTING_OVER,
                Instants.UNKNOWN,
                List.of(),
                false,
                fork,
                new Successor(third.node(), 3, true)));
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            other.write("SET", "k", "ahead");
            third.peer().expect("SET");
            publish(3, third, Instants.FOREVER, Fork.NONE);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        }
    }

    @Test
    void aTransactionThatWaitsToBeSentAgainIsNotGoneForAnotherClaim() throws Exception {
        FakeRedis.Peer old = transaction("INCRBY");
        client.write("EXEC");
        old.expect("EXEC");
        die(old);
        succeedOutOfReach();
        publish(3, third, Instants.FOREVER, Fork.NONE);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        expectNothingSentToTheThird();
    }

    // ---- tools ----

    /** The second takes over, which proves what was sent to the first gone, but cannot be connected to. */
    private void succeedOutOfReach() {
        second.silent = true;
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, startNanos));
        await().until(() -> proxy.counted("tidegate_gone_total") == 1);
    }

    private void expectNothingSentToTheThird() throws Exception {
        client.write("GET", "k");
        FakeRedis.Peer peer = third.peer();
        peer.expect("GET");
        peer.send("$1\r\nv\r\n");
        assertThat(client.read().text()).isEqualTo("v");
    }

    /** MULTI and one command, both answered. */
    private FakeRedis.Peer transaction(String command) throws Exception {
        client.write("MULTI");
        FakeRedis.Peer peer = first.peer();
        peer.expect("MULTI");
        peer.send(OK);
        assertThat(client.read().text()).isEqualTo("OK");
        client.write(command, "n", "1");
        peer.expect(command);
        peer.send("+QUEUED\r\n");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        return peer;
    }

    /** The first server ends, and the proxy has noticed. */
    private void die(FakeRedis.Peer peer) throws Exception {
        first.close();
        peer.close();
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
    }

    /** The second takes over; gone is what was sent to the first since {@code sinceNanos}. */
    private FakeRedis.Peer succeed(long sinceNanos) throws Exception {
        publish(2, second, Instants.FOREVER, new Fork(1, first.runId(), Instants.UNKNOWN, sinceNanos));
        return second.peer();
    }

    private void publish(long epoch, FakeRedis primary, long evidenceNanos, Fork dead) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(new RoutingTable(
                generation, epoch, primary.node(), WriteGate.OPEN, evidenceNanos, List.of(), false, dead, null));
    }
}
