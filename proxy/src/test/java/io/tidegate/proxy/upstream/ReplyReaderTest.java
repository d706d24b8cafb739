package io.tidegate.proxy.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.loop.FlushBatch;
import io.tidegate.proxy.loop.Names;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replies as they come over a socket, cut anywhere, and whom they go to. */
final class ReplyReaderTest {
    private static final Node NODE = new Node(0, new NodeAddress("h", 1), "run", true);

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final RunPool runs = new RunPool();
    private final DnsAddressResolverGroup names = Names.group(NioDatagramChannel.class, NioSocketChannel.class);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private UpstreamConnection connection;

    ReplyReaderTest() {
        connection = connection();
    }

    @BeforeEach
    void open() {
        channel.pipeline().addLast(connection);
        connection.opened(
                channel, new Greeting("run", true, null, new Product("redis", "7.0.15", "7.0.15"), 1, null, 1));
    }

    private UpstreamConnection connection() {
        Metrics metrics = new Metrics(
                () -> RoutingTable.EMPTY, () -> 1, new ControlStats(), Map.of(), BackendView.off(), new TlsStats());
        Upstreams upstreams = new Upstreams(
                new Dialer(channel.eventLoop(), Transport.NIO, names, new ReceiveBuffers()),
                () -> 1,
                OneConnection.SETTINGS,
                metrics.newLoop(),
                new FlushBatch(channel.eventLoop()),
                runs,
                new OwnCommands());
        return new UpstreamConnection(upstreams, new Slot(0, ConnectionKey.INITIAL), NODE, 1);
    }

    @AfterEach
    void nothingIsLeft() {
        channel.finishAndReleaseAll();
        names.close();
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
                .as("bytes kept")
                .isZero();
    }

    @Test
    void whereverTheBytesAreCutEachGetsItsReplies() {
        String replies = "+OK\r\n$3\r\nabc\r\n-ERR no\r\n*2\r\n:1\r\n$-1\r\n-MOVED 1 h:2\r\n:7\r\n";
        for (int cut = 1; cut < replies.length(); cut++) {
            Taken first = new Taken();
            Taken second = new Taken();
            send(first, 2);
            send(second, 3);
            send(first, 1);
            receive(replies.substring(0, cut));
            receive(replies.substring(cut));
            assertThat(first.text()).as("cut at " + cut).isEqualTo("+OK\r\n$3\r\nabc\r\n:7\r\n");
            assertThat(second.text())
                    .as("cut at " + cut)
                    .isEqualTo("[error -ERR no\r\n]*2\r\n:1\r\n$-1\r\n[refused MOVED -MOVED 1 h:2\r\n]");
            assertThat(first.frames + second.frames).as("cut at " + cut).isEqualTo(6);
        }
        assertThat(connection.closed()).isFalse();
    }

    @Test
    void whatNothingAskedForEndsTheConnection() {
        Taken one = new Taken();
        send(one, 1);
        receive("+OK\r\n+OK\r\n");
        assertThat(one.text()).isEqualTo("+OK\r\n");
        assertThat(connection.closed()).isTrue();
    }

    /** Else whoever sends next would get the rest of it. */
    @Test
    void itsBeginningDoesSoToo() {
        receive("$3\r\nab");
        assertThat(connection.closed()).isTrue();
    }

    @Test
    void whereverTheBytesAreCutWhatIsDroppedIsLookedAtAsAWhole() {
        String replies = ":1\r\n-ERR no\r\n*2\r\n:1\r\n$-1\r\n";
        for (int cut = 1; cut < replies.length(); cut++) {
            Taken dropping = new Taken();
            Run run = run(dropping);
            for (int i = 0; i < 3; i++) {
                run.add(0, false, false);
                run.swallowLast();
            }
            send(run);
            receive(replies.substring(0, cut));
            receive(replies.substring(cut));
            assertThat(dropping.text())
                    .as("cut at " + cut)
                    .isEqualTo("[dropped :1\r\n][dropped -ERR no\r\n][dropped *2\r\n:1\r\n$-1\r\n]");
        }
    }

    /** What is dropped is too long to be kept, and whatever it is made of begins like a frame at each cut. */
    @Test
    void ofALongReplyThatIsDroppedOnlyTheEndIsLookedAt() {
        Taken dropping = new Taken();
        Run run = run(dropping);
        run.add(0, false, false);
        run.swallowLast();
        run.add(0, false, false);
        send(run);
        int length = 3 * BegunReply.BYTES_MAX;
        receive("$" + length + "\r\n");
        for (int sent = 0; sent < length; sent += 1_024) {
            receive("+".repeat(1_024));
            assertThat(memory.metric().usedHeapMemory()).isLessThan(3 * BegunReply.BYTES_MAX);
        }
        receive("\r\n+OK\r\n");
        assertThat(dropping.text()).isEqualTo("[dropped \r\n]+OK\r\n");
    }

    /** A script says what it likes, and as much of it. */
    @Test
    void anErrorOfAnyLengthIsPassedOnAsItComes() {
        String error = "-ERR " + "x".repeat(1 << 20) + "\r\n";
        Taken first = new Taken();
        Taken second = new Taken();
        send(first, 2);
        send(second, 1);
        receive("+OK\r\n");
        for (int at = 0; at < error.length(); at += 1_000) {
            receive(error.substring(at, Math.min(at + 1_000, error.length())));
            assertThat(memory.metric().usedHeapMemory()).isLessThan(3 * BegunReply.BYTES_MAX);
        }
        receive("-ERR no\r\n");
        assertThat(first.text()).isEqualTo("+OK\r\n" + error);
        assertThat(first.frames).isEqualTo(2);
        assertThat(second.text()).isEqualTo("[error -ERR no\r\n]");
    }

    @Test
    void aPushOfAnyLengthEndsTheConnection() {
        Taken one = new Taken();
        send(one, 1);
        receive(">1\r\n$100000\r\n" + "x".repeat(70_000));
        assertThat(one.text()).isEqualTo("[lost a push that is too long]");
    }

    @Test
    void whatIsNoReplyEndsTheConnectionAndIsTold() {
        Taken one = new Taken();
        send(one, 1);
        receive("nonsense\r\n");
        assertThat(one.text()).startsWith("[lost malformed reply: ");
    }

    /** The client behind it was dropped, say; the chunk goes on all the same, and ends within an error. */
    @Test
    void whoEndsTheConnectionOverAReplyLeavesNothingOfTheNext() {
        Taken leaving = new Taken() {
            @Override
            public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
                super.onReplies(run, bytes, from, to, frames, whole, readNanos);
                connection.close("its client has gone");
            }
        };
        send(leaving, 1);
        send(leaving, 1);
        receive("+OK\r\n-ERR half of i");
        assertThat(leaving.text()).isEqualTo("+OK\r\n[lost its client has gone]");
    }

    /** The begin of an error is kept where no more memory is to be had for its end. */
    @Test
    void whereNoMemoryIsToBeHadNothingIsLeft() {
        Taken one = new Taken();
        send(one, 1);
        ByteBuf begun = new SmallBuffers().heapBuffer().writeBytes("-ERR half of".getBytes(US_ASCII));
        channel.writeInbound(begun);
        assertThat(begun.refCnt()).isZero();
        ByteBuf rest = memory.heapBuffer().writeBytes(("x".repeat(1_000) + "\r\n").getBytes(US_ASCII));
        channel.writeInbound(rest);
        assertThat(rest.refCnt()).isZero();
        assertThat(one.text()).startsWith("[lost ");
    }

    /** Of no more than they are asked for. */
    private static final class SmallBuffers extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return new UnpooledHeapByteBuf(this, initialCapacity, initialCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return new UnpooledDirectByteBuf(this, initialCapacity, initialCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @Test
    void ofACommandForWhichThereIsNoMemoryNothingIsSent() {
        channel.config().setAllocator(new SmallBuffers());
        connection.sendOwn(run(new Taken()), "PING");
        Run large = run(new Taken());
        assertThatThrownBy(() -> connection.sendOwn(large, "ECHO", "x".repeat(10_000)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        connection.sendOwn(run(new Taken()), "DBSIZE");
        channel.runPendingTasks();
        ByteBuf sent = channel.readOutbound();
        assertThat(sent.toString(US_ASCII)).isEqualTo("*1\r\n$4\r\nPING\r\n*1\r\n$6\r\nDBSIZE\r\n");
        sent.release();
    }

    @Test
    void aFailureOfOneThatWaitedKeepsNobodyFromHearingOfTheEnd() {
        Taken failing = new Taken() {
            @Override
            public void onConnectionLost(UpstreamConnection lost, String cause) {
                throw new IllegalStateException("as a test wants it");
            }
        };
        Taken other = new Taken();
        send(failing, 1);
        send(other, 1);
        channel.close();
        assertThat(other.text()).startsWith("[lost ");
    }

    private void send(ReplySink sink, int commands) {
        Run run = run(sink);
        for (int i = 0; i < commands; i++) {
            run.add(0, false, false);
        }
        send(run);
    }

    private Run run(ReplySink sink) {
        Run run = runs.take();
        run.open(sink, connection, 0);
        return run;
    }

    private void send(Run run) {
        ByteBuf nothing = memory.heapBuffer(1);
        connection.send(run, nothing, 0, 0);
        nothing.release();
    }

    private void receive(String bytes) {
        channel.writeInbound(memory.heapBuffer().writeBytes(bytes.getBytes(US_ASCII)));
    }

    /** What a session gets. */
    private static class Taken implements ReplySink {
        private final List<String> texts = new ArrayList<>();
        private int frames;

        private String text() {
            return String.join("", texts);
        }

        @Override
        public void onReplies(Run run, ByteBuf bytes, int from, int to, int count, boolean whole, long readNanos) {
            texts.add(bytes.toString(from, to - from, US_ASCII));
            frames += count;
        }

        @Override
        public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
            texts.add("[refused " + error + " " + bytes.toString(from, to - from, US_ASCII) + "]");
            frames++;
        }

        @Override
        public void onError(Run run, ByteBuf bytes, int from, int to, long readNanos) {
            texts.add("[error " + bytes.toString(from, to - from, US_ASCII) + "]");
            frames++;
        }

        @Override
        public void onSwallowed(Run run, ByteBuf bytes, int from, int to, long readNanos) {
            texts.add("[dropped " + bytes.toString(from, to - from, US_ASCII) + "]");
        }

        @Override
        public void onConnectionLost(UpstreamConnection lost, String cause) {
            texts.add("[lost " + cause + "]");
        }
    }
}
