package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.protocol.RespWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The batches of a kind of traffic, encoded in advance. Every key has its turn; which requests are SET is drawn with a
 * fixed seed, so every run sends the same bytes. Owns one direct buffer, of which the batches are slices.
 */
final class Requests implements AutoCloseable {
    private static final long SEED = 1;
    private static final byte[] GET = "GET".getBytes(US_ASCII);
    private static final byte[] SET = "SET".getBytes(US_ASCII);

    /** For one replica, and for a second at most. */
    private static final byte[][] WAIT = {"WAIT".getBytes(US_ASCII), "1".getBytes(US_ASCII), "1000".getBytes(US_ASCII)};

    private final ByteBuf encoded = ByteBufAllocator.DEFAULT.directBuffer();
    private final List<ByteBuf> batches = new ArrayList<>();

    /** @param waits whether a {@code WAIT} follows each of them */
    Requests(Traffic traffic, boolean waits) {
        Random random = new Random(SEED);
        byte[] value = new byte[traffic.valueBytes()];
        Arrays.fill(value, (byte) 'v');
        int count = (traffic.keys() + traffic.pipeline() - 1) / traffic.pipeline();
        int[] starts = new int[count + 1];
        for (int batch = 0; batch < count; batch++) {
            for (int i = 0; i < traffic.pipeline(); i++) {
                byte[] key = key(traffic.valueBytes(), (batch * traffic.pipeline() + i) % traffic.keys());
                if (random.nextInt(100) < traffic.setPercent()) {
                    RespWriter.command(encoded, SET, key, value);
                } else {
                    RespWriter.command(encoded, GET, key);
                }
                if (waits) {
                    RespWriter.command(encoded, WAIT);
                }
            }
            starts[batch + 1] = encoded.writerIndex();
        }
        for (int batch = 0; batch < count; batch++) {
            batches.add(encoded.slice(starts[batch], starts[batch + 1] - starts[batch]));
        }
    }

    /** A batch; the caller, or whoever it is written to, releases it. */
    ByteBuf batch(long index) {
        return batches.get((int) (index % batches.size())).retainedDuplicate();
    }

    int size() {
        return batches.size();
    }

    /** Sixteen bytes. Values of different lengths have keys of their own, so that each finds what it has set. */
    private static byte[] key(int valueBytes, int number) {
        return String.format("b%08d:%06d", valueBytes, number).getBytes(US_ASCII);
    }

    @Override
    public void close() {
        encoded.release();
    }
}
