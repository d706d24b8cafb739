package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.it.Certificates;
import io.tidegate.proxy.it.Stack;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of those behind a big reply on a shared connection, against a server whose every byte the test writes; in
 * plaintext, and with TLS on both sides.
 */
@ParameterizedClass(name = "TLS: {0}")
@ValueSource(booleans = {false, true})
@Timeout(60)
class BigReplyIT {
    private static final int LENGTH = 32 << 20;
    private static final int PART = 1 << 20;
    private static final int OUTPUT_MAX = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Parameter
    private boolean tls;

    @TempDir
    private Path directory;

    private @Nullable TlsStore store;
    private @Nullable SSLContext context;
    private final ExecutorService server = Executors.newCachedThreadPool();
    private FakeRedis fake;
    private HandFedProxy proxy;
    private SlowClient big;
    private RedisCommandClient reader;
    private RedisCommandClient writer;
    private FakeRedis.Peer first;

    @BeforeEach
    void start() throws Exception {
        HandFedProxy.Options options = HandFedProxy.Options.with(any -> {
            any.outputBytesMax = OUTPUT_MAX;
            any.connectMax = Duration.ofSeconds(3);
        });
        if (tls) {
            secure(options);
        }
        fake = fake(7);
        proxy = new HandFedProxy(options);
        publish(fake, 1);
        big = slow();
        reader = connect();
        writer = connect();
        big.write("GET", "big");
        first = fake.peer();
        first.expect("GET");
    }

    private void secure(HandFedProxy.Options options) throws Exception {
        Certificates certificates = new Certificates(directory);
        X509Bundle own = certificates.issue("test");
        certificates.write("test", own);
        context = certificates.client(own);
        TidegateConfig config = Stack.parse("""
                listeners: [{address: '127.0.0.1:0', tls: {certificate: '%s', key: '%s'}}]
                upstream: {static: {nodes: ['127.0.0.1:1']}, connect-timeout: 3s, tls: {ca: '%s'}}
                """.formatted(
                        certificates.file("test.pem"), certificates.file("test.key"), certificates.file("ca.pem")));
        store = TlsStore.open(config, new TlsStats(), Clock.start());
        options.door = store.doors(config).door(0);
        options.nodes = store.upstream().nodes();
    }

    private FakeRedis fake(int id) throws IOException {
        return new FakeRedis(id, true, sockets());
    }

    private @Nullable SSLSocketFactory sockets() {
        return context == null ? null : context.getSocketFactory();
    }

    private SlowClient slow() throws IOException {
        return new SlowClient(proxy.listen(ReadLevel.SESSION), sockets());
    }

    private RedisCommandClient connect() throws IOException {
        return RedisCommandClient.connect(proxy.listen(ReadLevel.SESSION), PATIENCE, sockets());
    }

    @AfterEach
    void stop() throws Exception {
        big.close();
        reader.close();
        writer.close();
        proxy.close();
        fake.close();
        server.shutdownNow();
        if (store != null) {
            store.close();
        }
    }

    private void publish(FakeRedis primary, long epoch) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(new RoutingTable(
                generation, epoch, primary.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
    }

    private void sendPart() throws Exception {
        first.send(BigValue.header(LENGTH));
        BigValue.write(first.out(), 0, PART);
    }

    /** The server has more to send than anybody takes; ends when it is sent, or the connection is gone. */
    private Future<?> sendRest(String andThen) {
        return server.submit(() -> {
            BigValue.write(first.out(), PART, LENGTH);
            first.send("\r\n" + andThen);
            return null;
        });
    }

    private long pauses() {
        return proxy.counted("tidegate_upstream_pauses_total");
    }

    private long setApart() {
        return proxy.counted("tidegate_upstream_connections_set_apart_total");
    }

    /** Neither from the big one's client, which reads nothing, nor from the rest of its reply do they notice anything. */
    @Test
    void readsBehindItAreAnsweredElsewhere() throws Exception {
        reader.write("GET", "a");
        reader.write("GET", "b");
        first.expect("GET", "GET");
        sendPart();
        FakeRedis.Peer second = fake.peer();
        second.expect("GET", "GET");
        second.send("$1\r\na\r\n$1\r\nb\r\n");
        assertThat(reader.read().text()).isEqualTo("a");
        assertThat(reader.read().text()).isEqualTo("b");
        assertThat(proxy.counted("tidegate_moved_total")).isEqualTo(2);
        writer.write("SET", "a", "c");
        second.expect("SET");
        second.send("+OK\r\n");
        assertThat(writer.read().text()).isEqualTo("OK");
        Future<?> sent = sendRest("$3\r\nold\r\n$3\r\nold\r\n");
        big.expectValue(LENGTH);
        sent.get();
        reader.write("GET", "a");
        second.expect("GET");
        second.send("$1\r\nc\r\n");
        assertThat(reader.read().text()).isEqualTo("c");
    }

    /** What was answered before it came stays answered. */
    @Test
    void onlyTheUnansweredEndOfAPipelineIsAskedAgain() throws Exception {
        try (SlowClient other = slow()) {
            reader.write("GET", "a");
            first.expect("GET");
            other.write("GET", "big");
            first.expect("GET");
            reader.write("GET", "b");
            first.expect("GET");
            first.send("$5\r\nsmall\r\n$1\r\na\r\n");
            sendPart();
            big.expect("$5\r\nsmall\r\n");
            assertThat(reader.read().text()).isEqualTo("a");
            FakeRedis.Peer second = fake.peer();
            second.expect("GET");
            second.send("$1\r\nb\r\n");
            assertThat(reader.read().text()).isEqualTo("b");
        }
    }

    /** A write behind it cannot be asked twice: it waits, and since it does, the slow reader is not waited for. */
    @Test
    void aWriteBehindItWaitsAndIsSentOnce() throws Exception {
        writer.write("SET", "k", "v");
        first.expect("SET");
        writer.write("GET", "k");
        first.expect("GET");
        sendPart();
        FakeRedis.Peer second = fake.peer();
        reader.write("GET", "a");
        second.expect("GET");
        second.send("$1\r\na\r\n");
        assertThat(reader.read().text()).isEqualTo("a");
        sendRest("+OK\r\n$1\r\nv\r\n").get();
        assertThat(writer.read().text()).isEqualTo("OK");
        assertThat(writer.read().text()).isEqualTo("v");
        big.expectEnd();
        assertThat(proxy.counted("tidegate_client_connections_too_slow_total")).isEqualTo(1);
        writer.write("SET", "k", "w");
        second.expect("SET");
        second.send("+OK\r\n");
        assertThat(writer.read().text()).isEqualTo("OK");
    }

    @Test
    void aClientThatReadsSlowlyIsWaitedFor() throws Exception {
        sendPart();
        Future<?> sent = sendRest("");
        await().until(() -> pauses() > 0);
        big.expect(BigValue.header(LENGTH));
        big.expectValue(0, LENGTH / 4);
        assertThat(sent.isDone()).as("the server could send all of it").isFalse();
        big.expectValue(LENGTH / 4, LENGTH);
        big.expect("\r\n");
        sent.get();
        assertThat(proxy.counted("tidegate_client_connections_too_slow_total")).isZero();
    }

    /** Its replies come over a connection that nobody else is on, as long as they are likely to be big. */
    @Test
    void whoeverGetsOneIsKeptApartAfterwards() throws Exception {
        sendPart();
        fake.peer();
        Future<?> sent = sendRest("");
        big.expectValue(LENGTH);
        sent.get();
        assertThat(setApart()).isEqualTo(1);
        big.write("GET", "big");
        first.expect("GET");
        sendPart();
        sent = sendRest("");
        big.expectValue(LENGTH);
        sent.get();
        assertThat(setApart()).as("a connection that is apart already").isEqualTo(1);
    }

    @Test
    void whatNobodyWaitsForIsNotReadToItsEnd() throws Exception {
        reader.write("GET", "a");
        first.expect("GET");
        sendPart();
        FakeRedis.Peer second = fake.peer();
        second.expect("GET");
        Future<?> sent = sendRest("$1\r\na\r\n");
        await().until(() -> pauses() > 0);
        big.close();
        assertThatThrownBy(sent::get).hasCauseInstanceOf(IOException.class);
        second.send("$1\r\na\r\n");
        assertThat(reader.read().text()).isEqualTo("a");
        await().until(() -> proxy.counted("tidegate_upstream_connections") == 1);
    }

    @Test
    void aWriteBehindOneThatNobodyWaitsForIsAnswered() throws Exception {
        writer.write("SET", "k", "v");
        first.expect("SET");
        sendPart();
        big.close();
        sendRest("+OK\r\n").get();
        assertThat(writer.read().text()).isEqualTo("OK");
    }

    @Test
    void theServersEndInTheMiddleIsTheClientsEnd() throws Exception {
        writer.write("SET", "k", "v");
        first.expect("SET");
        reader.write("GET", "a");
        first.expect("GET");
        sendPart();
        FakeRedis.Peer second = fake.peer();
        second.expect("GET");
        first.close();
        big.expectEnd();
        assertThatThrownBy(writer::read).hasMessageStartingWith("UNCERTAIN may have run");
        second.send("$1\r\na\r\n");
        assertThat(reader.read().text()).isEqualTo("a");
    }

    @Test
    void aNewClaimInTheMiddleIsTheClientsEnd() throws Exception {
        try (FakeRedis promoted = fake(8)) {
            writer.write("SET", "k", "v");
            first.expect("SET");
            reader.write("GET", "a");
            first.expect("GET");
            sendPart();
            fake.peer().expect("GET");
            publish(promoted, 2);
            big.expectEnd();
            assertThatThrownBy(writer::read).hasMessageStartingWith("UNCERTAIN may have run");
            FakeRedis.Peer other = promoted.peer();
            other.expect("GET");
            other.send("$1\r\na\r\n");
            assertThat(reader.read().text()).isEqualTo("a");
        }
    }

    /** Behind a big reply is better than nowhere. */
    @Test
    void ifNoOtherConnectionCanBeOpenedAllStayOnTheOne() throws Exception {
        reader.write("GET", "a");
        first.expect("GET");
        fake.silent = true;
        sendPart();
        // Asked again on the very same connection, once the other was given up.
        first.expect("GET");
        Future<?> sent = sendRest("$3\r\nold\r\n$3\r\nnew\r\n");
        sent.get();
        assertThat(reader.read().text()).isEqualTo("new");
        writer.write("SET", "k", "v");
        first.expect("SET");
        first.send("+OK\r\n");
        assertThat(writer.read().text()).isEqualTo("OK");
    }
}
