package io.tidegate.bench.micro;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.bench.micro.Pipelines.NettyDecoder;
import io.tidegate.bench.micro.ReplyScanBenchmark.Replies;
import io.tidegate.bench.micro.RouteBenchmark.Level;
import io.tidegate.bench.micro.RouteBenchmark.Shard;
import io.tidegate.routing.Router;
import java.util.Collection;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks run, and do what they say: one that measures nothing is quick. */
class MicroBenchmarksTest {
    @Test
    void eachRunsWithAllItsParameters() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("io.tidegate.bench.micro")
                        .mode(Mode.SingleShotTime)
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        assertThat(results.stream()
                        .map(result -> result.getParams().getBenchmark())
                        .map(name -> name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1))
                        .collect(toSet()))
                .containsExactlyInAnyOrder(
                        "RequestScanBenchmark.scan",
                        "RequestScanBenchmark.scanAndLookUp",
                        "RequestScanBenchmark.nettyDecoder",
                        "ReplyScanBenchmark.scan",
                        "ReplyScanBenchmark.nettyDecoder",
                        "RouteBenchmark.read",
                        "RouteBenchmark.readWithoutHome",
                        "RouteBenchmark.write");
        assertThat(results).hasSize(2 * 3 + 3 * 2 + 2 * 4 + 2 + 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "SET"})
    void requestScansReachTheEndOfThePipeline(String command) {
        RequestScanBenchmark benchmark = new RequestScanBenchmark();
        benchmark.command = command;
        benchmark.prepare();
        try {
            String arguments = command.equals("GET") ? "*2\r\n$3\r\nGET\r\n$16\r\n" : "*3\r\n$3\r\nSET\r\n$16\r\n";
            int bytes = command.equals("GET") ? arguments.length() + 18 : arguments.length() + 18 + 5 + 66;
            int sum = IntStream.range(0, Pipelines.DEPTH)
                    .map(i -> i * bytes + arguments.length())
                    .sum();
            assertThat(benchmark.scan()).isEqualTo(sum);
            assertThat(benchmark.scanAndLookUp()).isEqualTo(sum);
            assertThat(benchmark.nettyDecoder()).isEqualTo(Pipelines.DEPTH * (command.equals("GET") ? 5L : 7L));
        } finally {
            benchmark.release();
        }
    }

    @ParameterizedTest
    @CsvSource({"BULK, 128", "OK, 64", "MIXED, 80"})
    void replyScansReachTheEndOfThePipeline(Replies replies, long messages) {
        ReplyScanBenchmark benchmark = new ReplyScanBenchmark();
        benchmark.replies = replies;
        benchmark.prepare();
        try {
            assertThat(benchmark.scan()).isPositive().isEqualTo(benchmark.scan());
            assertThat(benchmark.nettyDecoder()).isEqualTo(messages);
        } finally {
            benchmark.release();
        }
    }

    @Test
    void theDecoderToldApartReleasesWhatItIsGiven() {
        ByteBuf pipeline = Pipelines.ofCommand("GET", Pipelines.KEY);
        try (NettyDecoder decoder = new NettyDecoder()) {
            decoder.decode(pipeline);
            assertThat(pipeline.refCnt()).isOne();
        } finally {
            pipeline.release();
        }
    }

    @ParameterizedTest
    @CsvSource({"eventual, false", "bounded(200ms), false", "session, false", "strong, true"})
    void readsGoWhereTheirLevelSendsThem(String name, boolean toPrimary) {
        RouteBenchmark benchmark = new RouteBenchmark();
        Shard shard = new Shard();
        shard.prepare();
        Level level = new Level();
        level.level = name;
        level.parse();
        assertThat(benchmark.read(shard, level) == benchmark.write(shard)).isEqualTo(toPrimary);
        assertThat(benchmark.readWithoutHome(shard)).isNotIn(benchmark.write(shard), Router.HOLD, Router.SETTLE);
    }
}
