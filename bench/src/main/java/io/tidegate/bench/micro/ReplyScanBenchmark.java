package io.tidegate.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.bench.micro.Pipelines.NettyDecoder;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespWriter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One small reply out of 64: strings of 16 bytes, {@code OK}, or strings, {@code OK}, numbers and nulls by turns. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Pipelines.DEPTH)
@Fork(
        value = 1,
        jvmArgsAppend = {MicroBenchmarks.COLLECTOR, MicroBenchmarks.NO_LEAK_SAMPLES})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class ReplyScanBenchmark {
    /** Kinds of replies. */
    public enum Replies {
        BULK,
        OK,
        MIXED;

        void write(ByteBuf out, int index) {
            switch (this) {
                case BULK -> RespWriter.bulk(out, Pipelines.KEY);
                case OK -> RespWriter.simpleString(out, "OK");
                case MIXED -> mixed(out, index);
            }
        }

        private static void mixed(ByteBuf out, int index) {
            switch (index % 4) {
                case 0 -> RespWriter.bulk(out, Pipelines.KEY);
                case 1 -> RespWriter.simpleString(out, "OK");
                case 2 -> RespWriter.integer(out, index);
                default -> RespWriter.nullValue(out, Protocol.RESP2);
            }
        }
    }

    @Param
    public Replies replies = Replies.BULK;

    private final ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());
    private final NettyDecoder decoder = new NettyDecoder();
    private final ByteBuf pipeline = ByteBufAllocator.DEFAULT.directBuffer();

    @Setup
    public void prepare() {
        for (int i = 0; i < Pipelines.DEPTH; i++) {
            replies.write(pipeline, i);
        }
    }

    @TearDown
    public void release() {
        decoder.close();
        pipeline.release();
    }

    /** Where each reply ends, and of what type it is. */
    @Benchmark
    public int scan() {
        int sum = 0;
        for (int at = 0; at < pipeline.writerIndex(); ) {
            at = scanner.next(pipeline, at, pipeline.writerIndex());
            sum += at + scanner.type();
        }
        return sum;
    }

    /** Netty's decoder on the same bytes: up to two messages per reply, each released at once. */
    @Benchmark
    public long nettyDecoder() {
        return decoder.decode(pipeline);
    }
}
