package io.tidegate.bench.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Finds what a thread of another JVM allocates. */
@Timeout(120)
class AllocationTest {
    private static final int PIECE_BYTES = 1 << 16;

    @Test
    void countsAndFindsWhatTheNamedThreadsAllocate(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Wasteful.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.getInputStream().read()).as("it has begun").isEqualTo('!');
            try (JvmProbe probe = new JvmProbe(process.pid())) {
                long before = probe.allocatedBytes("wasteful");
                long recording = probe.startRecording();
                // It allocates a piece for each byte that it reads, and answers with one.
                for (int i = 0; i < 200; i++) {
                    process.getOutputStream().write('?');
                    process.getOutputStream().flush();
                    assertThat(process.getInputStream().read()).isEqualTo('!');
                }
                Path file = directory.resolve("wasteful.jfr");
                probe.stopRecording(recording, file);

                assertThat(probe.allocatedBytes("wasteful") - before).isGreaterThanOrEqualTo(200L * PIECE_BYTES);
                assertThat(probe.allocatedBytes("nobody")).isZero();
                assertThat(AllocationSites.of(file, "wasteful", 1))
                        .singleElement()
                        .asString()
                        .contains("[B by ", "Wasteful.waste:");
                assertThat(AllocationSites.of(file, "nobody", 1)).isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** Allocates on demand, on a thread with a name. */
    static final class Wasteful {
        static volatile byte[] piece = {};

        public static void main(String[] args) throws Exception {
            CountDownLatch ended = new CountDownLatch(1);
            Thread thread = new Thread(() -> waste(ended), "wasteful-1");
            thread.start();
            ended.await();
        }

        private static void waste(CountDownLatch ended) {
            try {
                do {
                    piece = new byte[PIECE_BYTES];
                    System.out.write('!');
                    System.out.flush();
                } while (System.in.read() >= 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                ended.countDown();
            }
        }
    }
}
