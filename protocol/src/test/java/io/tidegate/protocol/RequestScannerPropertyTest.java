package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold for any request, however it is cut. A failure names its seed. */
class RequestScannerPropertyTest {
    private static final Limits LIMITS = Limits.redisDefaults();

    /** Small enough for random bytes to run into each of them. */
    private static final Limits TIGHT = new Limits(64, 6, 64, 64, 4, 128, 64, 8);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyCutGivesTheSame(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 40; i++) {
            byte[] request = generator.request();
            List<String> whole = RequestLog.whole(LIMITS, request);
            assertThat(whole).hasSize(1).allMatch(line -> line.contains(" " + request.length));
            for (int cut = 0; cut <= request.length; cut++) {
                assertThat(RequestLog.of(LIMITS, request, cut, request.length))
                        .as("seed %d, request %d, cut at %d", seed, i, cut)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void everyChunkingOfAPipelineGivesTheSame(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 100; i++) {
            List<String> apart = new ArrayList<>();
            byte[] pipeline = pipeline(generator, apart);
            assertThat(RequestLog.whole(LIMITS, pipeline)).isEqualTo(apart);
            for (int j = 0; j < 5; j++) {
                assertThat(RequestLog.of(LIMITS, pipeline, generator.cuts(pipeline.length)))
                        .as("seed %d, pipeline %d", seed, i)
                        .isEqualTo(apart);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void noTruncationCompletes(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 40; i++) {
            byte[] request = generator.request();
            for (int length = 0; length < request.length; length++) {
                assertThat(RequestLog.of(LIMITS, request, length))
                        .as("seed %d, request %d, first %d bytes", seed, i, length)
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
            List<String> whole = RequestLog.whole(limits, bytes);
            assertThat(RequestLog.of(limits, bytes, generator.cuts(bytes.length)))
                    .as("seed %d, pipeline %d", seed, i)
                    .isEqualTo(whole);
            malformed += whole.stream().anyMatch(line -> line.startsWith("MALFORMED")) ? 1 : 0;
        }
        assertThat(malformed).isBetween(100, 900);
    }

    /** Some requests in a row, and what is to be found in them. */
    private static byte[] pipeline(RespGenerator generator, List<String> found) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = generator.number(6); i >= 0; i--) {
            byte[] request = generator.request();
            found.addAll(RequestLog.whole(LIMITS, request));
            bytes.writeBytes(request);
        }
        return bytes.toByteArray();
    }
}
