package io.tidegate.bench.alone;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Two clients that are hard on their neighbours: one fetches a large value again and again as fast as it can, the other
 * asks for many values and reads their replies far slower than they come. They end with their process.
 */
final class Disturber {
    /** The slow reader takes so many bytes at a time, so seldom. */
    private static final int SIP_BYTES = 4 * 1024;

    private static final long SIP_MILLIS = 50;

    /** What it asks for at a time; less than anybody's limit for a client that does not read. */
    private static final int SLOW_REQUESTS = 256;

    private final InetSocketAddress address;
    private final long valueBytes;
    private final String slowKey;
    private final List<String> first;
    private final AtomicLong fetched = new AtomicLong();
    private final CountDownLatch never = new CountDownLatch(1);

    /**
     * Begins with {@link #begin}.
     *
     * @param valueBytes length of the value of {@link HugeValue#KEY}
     * @param slowKey what the slow reader asks for
     * @param first commands that both begin with
     */
    Disturber(InetSocketAddress address, long valueBytes, String slowKey, List<String> first) {
        this.address = address;
        this.valueBytes = valueBytes;
        this.slowKey = slowKey;
        this.first = List.copyOf(first);
    }

    /** Connects both and returns when the value was fetched once and the slow reader has sent its requests. */
    void begin(Consumer<IOException> failure) throws IOException {
        HugeValue fetcher = new HugeValue(address);
        for (String command : first) {
            fetcher.command(command);
        }
        fetcher.get(valueBytes);
        Socket slow = new Socket();
        // As small as the kernel has it: what is in there is read as far as the other side can tell.
        slow.setReceiveBufferSize(SIP_BYTES);
        slow.connect(address);
        for (String command : first) {
            slow.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
        }
        slow.getOutputStream()
                .write(("GET " + slowKey + "\r\n").repeat(SLOW_REQUESTS).getBytes(US_ASCII));
        start("fetcher", failure, () -> fetch(fetcher));
        start("slow reader", failure, () -> sip(slow));
    }

    /** Values fetched since the first. */
    long fetched() {
        return fetched.get();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Consumer<IOException> failure, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        failure.accept(new IOException("the " + name + ": " + e.getMessage(), e));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private void fetch(HugeValue fetcher) throws IOException {
        while (true) {
            fetcher.get(valueBytes);
            fetched.incrementAndGet();
        }
    }

    private void sip(Socket slow) throws IOException, InterruptedException {
        InputStream input = slow.getInputStream();
        byte[] sip = new byte[SIP_BYTES];
        while (!never.await(SIP_MILLIS, TimeUnit.MILLISECONDS)) {
            if (input.read(sip) < 0) {
                throw new EOFException("was disconnected");
            }
        }
    }
}
