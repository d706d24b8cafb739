package io.tidegate.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.bench.micro.Pipelines.NettyDecoder;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RequestScanner.Status;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import java.util.Objects;
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

/** One command out of a pipeline of 64, with a key of 16 bytes and, for SET, a value of 64. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Pipelines.DEPTH)
@Fork(
        value = 1,
        jvmArgsAppend = {MicroBenchmarks.COLLECTOR, MicroBenchmarks.NO_LEAK_SAMPLES})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class RequestScanBenchmark {
    @Param({"GET", "SET"})
    public String command = "GET";

    private final RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
    private final CommandTable commands = CommandTable.builtin();
    private final NettyDecoder decoder = new NettyDecoder();
    private ByteBuf pipeline = Unpooled.EMPTY_BUFFER;

    @Setup
    public void prepare() {
        pipeline = command.equals("GET")
                ? Pipelines.ofCommand("GET", Pipelines.KEY)
                : Pipelines.ofCommand("SET", Pipelines.KEY, Pipelines.VALUE);
    }

    @TearDown
    public void release() {
        decoder.close();
        pipeline.release();
    }

    /** Where each command ends, and where its key is. */
    @Benchmark
    public int scan() {
        int at = 0;
        int sum = 0;
        while (scanner.next(pipeline, at, pipeline.writerIndex()) == Status.COMMAND) {
            at = scanner.end();
            sum += scanner.argOffset(1);
        }
        return sum;
    }

    /** The same, and what the command table says of each. */
    @Benchmark
    public int scanAndLookUp() {
        int at = 0;
        int sum = 0;
        while (scanner.next(pipeline, at, pipeline.writerIndex()) == Status.COMMAND) {
            at = scanner.end();
            CommandSpec spec = Objects.requireNonNull(commands.find(scanner.name0(), scanner.name1(), scanner.name2()));
            sum += scanner.argOffset(1) + (spec.container() ? 1 : 0);
        }
        return sum;
    }

    /** Netty's decoder on the same bytes: five messages per GET, each released at once. */
    @Benchmark
    public long nettyDecoder() {
        return decoder.decode(pipeline);
    }
}
