package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold for any reply, however it is cut. A failure names its seed. */
class ReplyScannerPropertyTest {
    private static final Limits LIMITS = Limits.redisDefaults();

    /** Small enough for random bytes to run into each of them. */
    private static final Limits TIGHT = new Limits(64, 6, 64, 64, 2, 128, 64, 8);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyCutGivesTheSame(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 40; i++) {
            byte[] reply = generator.wire(generator.value(3));
            List<String> whole = ReplyLog.whole(LIMITS, reply);
            assertThat(whole).hasSize(1).allMatch(line -> line.endsWith(" to " + reply.length));
            for (int cut = 0; cut <= reply.length; cut++) {
                assertThat(ReplyLog.of(LIMITS, reply, cut, reply.length))
                        .as("seed %d, reply %d, cut at %d", seed, i, cut)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void everyChunkingOfAPipelineGivesTheSame(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 200; i++) {
            List<Integer> ends = new ArrayList<>();
            byte[] pipeline = pipeline(generator, ends);
            List<String> whole = ReplyLog.whole(LIMITS, pipeline);
            assertThat(whole).hasSameSizeAs(ends);
            for (int j = 0; j < ends.size(); j++) {
                assertThat(whole.get(j)).endsWith(" to " + ends.get(j));
            }
            for (int j = 0; j < 5; j++) {
                assertThat(ReplyLog.of(LIMITS, pipeline, generator.cuts(pipeline.length)))
                        .as("seed %d, pipeline %d", seed, i)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void noTruncationCompletes(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 40; i++) {
            byte[] reply = generator.wire(generator.value(3));
            for (int length = 0; length < reply.length; length++) {
                assertThat(ReplyLog.of(LIMITS, reply, length))
                        .as("seed %d, reply %d, first %d bytes", seed, i, length)
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34})
    void whateverArrivesEveryCutGivesTheSame(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        int malformed = 0;
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = generator.mutated(pipeline(generator, new ArrayList<>()));
            Limits limits = generator.number(2) == 0 ? LIMITS : TIGHT;
            List<String> whole = ReplyLog.whole(limits, bytes);
            assertThat(ReplyLog.of(limits, bytes, generator.cuts(bytes.length)))
                    .as("seed %d, pipeline %d", seed, i)
                    .isEqualTo(whole);
            malformed += whole.stream().anyMatch(line -> line.startsWith("error")) ? 1 : 0;
        }
        assertThat(malformed).isBetween(100, 950);
    }

    /** Some replies and pushes in a row, and where they end. */
    private static byte[] pipeline(RespGenerator generator, List<Integer> ends) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = generator.number(6); i >= 0; i--) {
            boolean push = generator.number(5) == 0;
            bytes.writeBytes(generator.wire(push ? generator.push(1) : generator.value(2)));
            ends.add(bytes.size());
        }
        return bytes.toByteArray();
    }
}
