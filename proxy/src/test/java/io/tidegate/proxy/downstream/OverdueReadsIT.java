package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.downstream.HandFedProxy.Options;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.command.CommandTable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads, and transactions, that were answered, but not proven within the time for which a reply may be parked. */
@Timeout(60)
class OverdueReadsIT {
    private static final String UNPROVEN = "-UNCERTAIN may have run: the reply could not be proven in time";
    private static final String ABORTED = "-EXECABORT Transaction discarded because of previous errors.";
    private static final String NOT_BEGUN = "-EXECABORT not executed: the transaction could not be begun";

    private FakeRedis old;
    private FakeRedis other;
    private HandFedProxy proxy;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        old = new FakeRedis(7, true);
        other = new FakeRedis(8, true);
        begin(Duration.ofSeconds(30), ReadLevel.SESSION);
    }

    private void begin(Duration holdMax, ReadLevel level) throws Exception {
        proxy = new HandFedProxy(Options.with(options -> {
            options.holdMax = holdMax;
            options.parkMax = Duration.ofMillis(100);
        }));
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        client = new RawClient(proxy.listen(level));
    }

    @AfterEach
    void stop() throws Exception {
        end();
        old.close();
        other.close();
    }

    private void end() throws Exception {
        client.close();
        proxy.close();
    }

    private void beginAnew(Duration holdMax, ReadLevel level) throws Exception {
        end();
        begin(holdMax, level);
    }

    @Test
    void theyAreAskedOfTheNewPrimary() throws Exception {
        FakeRedis.Peer peer = asked("GET a", "GET b");
        doubt();
        peer.send("$1\r\n1\r\n$1\r\n2\r\n");
        held();
        assertThat(proxy.counted("tidegate_parked_bytes")).isZero();
        publish(2, other, WriteGate.OPEN, Instants.FOREVER, false);
        FakeRedis.Peer successor = other.peer();
        successor.expect("GET", "GET");
        successor.send("$1\r\n3\r\n$1\r\n4\r\n");
        replied("$1", "3", "$1", "4");
        goesOn(successor);
    }

    @Test
    void theyAreAskedOfAReplicaThatIsFreshEnough() throws Exception {
        try (FakeRedis replica = new FakeRedis(9, false)) {
            FakeRedis.Peer peer = asked("GET a");
            doubt();
            peer.send("$1\r\n1\r\n");
            held();
            Replica fresh = new Replica(replica.node(), Instants.FOREVER - 1, RouteReason.ELIGIBLE);
            publish(1, old, WriteGate.FENCED, Instants.UNKNOWN, true, fresh);
            FakeRedis.Peer second = replica.peer();
            second.expect("GET");
            second.send("$1\r\n2\r\n");
            replied("$1", "2");
        }
    }

    @Test
    void theyAreHeldNoLongerThanAnyRequest() throws Exception {
        beginAnew(Duration.ofSeconds(1), ReadLevel.SESSION);
        FakeRedis.Peer peer = asked("GET a", "GET b");
        doubt();
        peer.send("$1\r\n1\r\n$1\r\n2\r\n");
        assertThat(client.line()).startsWith("-NOPRIMARY not executed");
        assertThat(client.line()).startsWith("-NOPRIMARY not executed");
        assertThat(proxy.counted("tidegate_held_requests")).isZero();
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        goesOn(peer);
    }

    /** Over the connection that owes a reply to what was asked before. */
    @Test
    void thePrimaryIsAskedAgainAndAReplyToTheFirstTimeIsNobodys() throws Exception {
        beginAnew(Duration.ofSeconds(30), ReadLevel.STRONG);
        publish(1, old, WriteGate.OPEN, Instants.UNKNOWN, false);
        FakeRedis.Peer peer = asked("GET a");
        send("GET b");
        peer.expect("GET");
        peer.send("$1\r\n1\r\n");
        peer.expect("GET", "GET");
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        peer.send("$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n");
        replied("$1", "3", "$1", "4");
        goesOn(peer);
    }

    @Test
    void theyAreAskedAgainOnlyForAsLongAsARequestMayWait() throws Exception {
        beginAnew(Duration.ofSeconds(1), ReadLevel.STRONG);
        publish(1, old, WriteGate.OPEN, Instants.UNKNOWN, false);
        long sentNanos = System.nanoTime();
        FakeRedis.Peer peer = asked("GET a");
        peer.send("$1\r\n1\r\n");
        peer.expect("GET");
        Thread answering = new Thread(() -> answerAll(peer));
        answering.start();
        assertThat(client.line()).isEqualTo(UNPROVEN);
        assertThat(System.nanoTime() - sentNanos).isGreaterThanOrEqualTo(1_000_000_000L);
        peer.close();
        answering.join();
    }

    private static void answerAll(FakeRedis.Peer peer) {
        try {
            while (true) {
                peer.send("$1\r\n1\r\n");
                peer.expect("GET");
            }
        } catch (IOException over) {
            // The test is over.
        }
    }

    @Test
    void theySeeTheWriteBeforeThemWhichIsNeverSentAgain() throws Exception {
        FakeRedis.Peer peer = asked("GET a", "INCR n", "GET n");
        doubt();
        peer.send("$1\r\n1\r\n:1\r\n$1\r\n1\r\n");
        replied(UNPROVEN, UNPROVEN);
        held();
        publish(2, other, WriteGate.OPEN, Instants.FOREVER, false);
        FakeRedis.Peer successor = other.peer();
        successor.expect("GET");
        successor.send("$1\r\n1\r\n");
        replied("$1", "1");
        goesOn(successor);
    }

    /** They would see what came after them. */
    @ParameterizedTest
    @ValueSource(strings = {"$1\r\n1\r\n:1\r\n", "$1\r\n1\r\n"})
    void noneIsAskedAgainBehindWhoseBackAWriteMayHaveRun(String replies) throws Exception {
        beginAnew(Duration.ofSeconds(30), ReadLevel.STRONG);
        publish(1, old, WriteGate.OPEN, Instants.UNKNOWN, false);
        FakeRedis.Peer peer = asked("GET n");
        send("INCR n");
        peer.expect("INCR");
        peer.send(replies);
        replied(UNPROVEN);
        if (!replies.endsWith(":1\r\n")) {
            peer.send(":1\r\n");
        }
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        goesOn(peer);
    }

    /** What the server knows of the connection is more than the bytes that would be sent again. */
    @Test
    void noneIsAskedAgainWhileKeysAreWatched() throws Exception {
        beginAnew(Duration.ofSeconds(30), ReadLevel.STRONG);
        publish(1, old, WriteGate.OPEN, Instants.UNKNOWN, false);
        FakeRedis.Peer peer = asked("WATCH w");
        peer.send("+OK\r\n");
        replied("+OK");
        send("GET a");
        peer.expect("GET");
        peer.send("$1\r\n1\r\n");
        replied(UNPROVEN);
        send("UNWATCH");
        peer.expect("UNWATCH");
    }

    /** It may stand for anything, and cannot be looked at again. */
    @Test
    void noneIsAskedAgainBeforeWhatIsNoRequest() throws Exception {
        FakeRedis.Peer peer = asked("GET a");
        doubt();
        peer.send("$1\r\n1\r\n");
        client.send("*x\r\n");
        replied(UNPROVEN, "-ERR Protocol error: invalid multibulk length");
        assertThat(client.ended()).isTrue();
    }

    /** Else the client had two replies to one command. */
    @Test
    void aQuestionOfTheProxysOwnIsNotAnsweredInThePlaceOfTheCommandThatItIsAskedFor() throws Exception {
        proxy.plane.publishCommands(CommandTable.builtin());
        send("NOSUCH");
        FakeRedis.Peer peer = old.peer();
        peer.expect("COMMAND");
        doubt();
        peer.send("*1\r\n*-1\r\n");
        overdue();
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        peer.expect("NOSUCH");
        peer.send("-ERR unknown command\r\n");
        replied("-ERR unknown command");
        goesOn(peer);
    }

    /** It is sent once more for the sake of what follows. */
    @Test
    void norIsACommandThatTheClientHasTheReplyTo() throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        peer.send("+OK\r\n");
        replied("+OK");
        Successor successor = new Successor(other.node(), 2, true);
        publish(1, old, WriteGate.CUTTING_OVER, Instants.UNKNOWN, true, successor);
        other.peer(); // the one that is shared: opened before anybody wants it
        peer.close();
        FakeRedis.Peer second = other.peer();
        second.expect("MULTI");
        second.send("+OK\r\n");
        overdue();
        publish(2, other, WriteGate.OPEN, Instants.FOREVER, false);
        send("INCR n");
        second.expect("INCR");
        second.send("+QUEUED\r\n");
        replied("+QUEUED");
    }

    // ---- transactions, whose client was told no more of them than of a read ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTransactionDoesNotRunWhoseBeginningWasUncertain(boolean lost) throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        doubt();
        peer.send("+OK\r\n");
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        send("INCR n");
        peer.expect("INCR");
        peer.send("+QUEUED\r\n");
        replied("+QUEUED");
        discarded(peer, lost);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neitherDoesOneOfWhichIsUncertainWhatIsQueued(boolean lost) throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        peer.send("+OK\r\n");
        replied("+OK");
        send("INCR n");
        peer.expect("INCR");
        doubt();
        peer.send("+QUEUED\r\n");
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        discarded(peer, lost);
    }

    /** Whether or not its connection is lost before EXEC, and its commands were sent over another. */
    private void discarded(FakeRedis.Peer first, boolean lost) throws Exception {
        FakeRedis.Peer peer = first;
        if (lost) {
            first.close();
            peer = old.peer();
            peer.expect("MULTI");
            peer.send("+OK\r\n");
            peer.expect("INCR");
            peer.send("+QUEUED\r\n");
        }
        send("EXEC");
        replied(ABORTED);
        peer.expectEnd();
        goesOnElsewhere();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOPERM", "LOADING", "OOM"})
    void norDoesWhatWasToBeQueuedWhenItIsNotKnownThatTheBeginningWasRefused(String code) throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        doubt();
        peer.send("-" + code + " refused\r\n");
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        notBegun();
        peer.expectEnd();
    }

    @Test
    void norWhatComesWhileTheRefusalWaitsForProof() throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        doubt();
        peer.send("-NOPERM refused\r\n");
        await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
        publish(1, old, WriteGate.OPEN, Instants.UNKNOWN, true);
        send("INCR n");
        replied(UNPROVEN, NOT_BEGUN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        notBegun();
        peer.expectEnd();
    }

    /** It ran as behind any MULTI that fails, and is not sent again. */
    @Test
    void butWhatWasSentBehindARefusedBeginningMayHaveRun() throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        send("INCR n");
        peer.expect("INCR");
        doubt();
        peer.send("-NOPERM refused\r\n");
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        peer.close();
        assertThat(client.line()).startsWith("-UNCERTAIN may have run");
        notBegun();
        goesOnElsewhere();
    }

    @Test
    void aRefusalThatIsProvenIsPassedOnAndWhatFollowsRuns() throws Exception {
        FakeRedis.Peer peer = asked("MULTI");
        doubt();
        peer.send("-NOPERM refused\r\n");
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        replied("-NOPERM refused");
        goesOnElsewhere();
    }

    /** Nothing of a transaction whose beginning is uncertain runs, and it ends with EXEC. */
    private void notBegun() throws Exception {
        send("INCR n");
        replied(NOT_BEGUN);
        send("EXEC");
        replied(ABORTED);
    }

    /** The server watches all the same, on the connection over which EXEC goes. */
    @Test
    void aTransactionIsGuardedByKeysOfWhichItIsUncertainWhetherTheyAreWatched() throws Exception {
        FakeRedis.Peer peer = asked("WATCH w");
        doubt();
        peer.send("+OK\r\n");
        replied(UNPROVEN);
        publish(1, old, WriteGate.OPEN, Instants.FOREVER, false);
        send("MULTI", "INCR n", "EXEC");
        peer.expect("MULTI", "INCR", "EXEC");
        peer.send("+OK\r\n+QUEUED\r\n*-1\r\n");
        replied("+OK", "+QUEUED", "*-1");
    }

    @Test
    void andDoesNotRunWhenTheirConnectionIsLost() throws Exception {
        asked("WATCH w").close();
        assertThat(client.line()).startsWith("-UNCERTAIN may have run");
        send("MULTI", "INCR n", "EXEC");
        replied("+OK", "+QUEUED", "*-1");
        goesOnElsewhere();
    }

    // ---- tools ----

    /** The client sends these together, words with blanks between them, and the first server has got them. */
    private FakeRedis.Peer asked(String... commands) throws Exception {
        send(commands);
        FakeRedis.Peer peer = old.peer();
        for (String command : commands) {
            peer.expect(command.split(" ", -1)[0].toUpperCase(Locale.ROOT));
        }
        return peer;
    }

    private void send(String... commands) throws Exception {
        StringBuilder all = new StringBuilder();
        for (String command : commands) {
            all.append(RawClient.command(command.split(" ")));
        }
        client.send(all.toString());
    }

    private void replied(String... lines) throws Exception {
        for (String line : lines) {
            assertThat(client.line()).isEqualTo(line);
        }
    }

    /** The reply to a further command is the next. */
    private void goesOn(FakeRedis.Peer peer) throws Exception {
        send("SET k v");
        peer.expect("SET");
        peer.send("+OK\r\n");
        replied("+OK");
    }

    /** The next command comes first over the next connection. */
    private void goesOnElsewhere() throws Exception {
        send("SET k v");
        FakeRedis.Peer next = old.peer();
        next.expect("SET");
        next.send("+OK\r\n");
        replied("+OK");
    }

    private void held() {
        await().until(() ->
                proxy.counted("tidegate_held_requests") == 1 && proxy.counted("tidegate_parked_replies") == 0);
    }

    /** The only reply that came could not be proven, and waits no longer. */
    private void overdue() {
        await().until(() ->
                proxy.evidenceWantedNanos.get() != Instants.UNKNOWN && proxy.counted("tidegate_parked_replies") == 0);
    }

    /** The first server says, over another connection, that it is no primary, and nobody knows who is. */
    private void doubt() {
        publish(1, old, WriteGate.FENCED, Instants.UNKNOWN, true);
    }

    private void publish(
            long epoch, FakeRedis primary, WriteGate gate, long evidenceNanos, boolean lost, Replica... replicas) {
        publish(epoch, primary, gate, evidenceNanos, lost, null, replicas);
    }

    private void publish(
            long epoch,
            FakeRedis primary,
            WriteGate gate,
            long evidenceNanos,
            boolean lost,
            @Nullable Successor successor,
            Replica... replicas) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(new RoutingTable(
                generation, epoch, primary.node(), gate, evidenceNanos, List.of(replicas), lost, Fork.NONE, successor));
    }
}
