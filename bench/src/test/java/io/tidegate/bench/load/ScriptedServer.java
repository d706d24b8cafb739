package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RequestScanner.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * A server that answers each request, counted from 1 on each connection, with what it was told to send then: one reply,
 * none, or several that it had held back.
 */
final class ScriptedServer implements AutoCloseable {
    private static final int READ_BYTES = 64 * 1024;
    private static final int GONE_SECONDS_MAX = 20;

    private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    private final IntFunction<String> script;
    private final Semaphore gone = new Semaphore(0);

    ScriptedServer(IntFunction<String> script) throws IOException {
        this.script = script;
        start(this::serve);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Waits until so many clients are gone, but not for ever: then it is false. */
    boolean awaitGone(int clients) throws InterruptedException {
        return gone.tryAcquire(clients, GONE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve() {
        try {
            for (; ; ) {
                Socket client = listener.accept();
                start(() -> serve(client));
            }
        } catch (SocketException e) {
            return; // closed while it waited
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            answer(client);
        } catch (SocketException e) {
            return; // the client was gone in the middle of an answer
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            gone.release();
        }
    }

    /** Ends with its socket. */
    private static void start(Runnable service) {
        Thread thread = new Thread(service, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer(Socket client) throws IOException {
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        ByteBuf input = Unpooled.buffer();
        OutputStream output = client.getOutputStream();
        int requests = 0;
        while (input.writeBytes(client.getInputStream(), READ_BYTES) >= 0) {
            StringBuilder replies = new StringBuilder();
            while (scanner.next(input, input.readerIndex(), input.writerIndex()) == Status.COMMAND) {
                input.readerIndex(scanner.end());
                replies.append(script.apply(++requests));
            }
            input.discardReadBytes();
            if (replies.indexOf("close") >= 0) {
                return;
            }
            output.write(replies.toString().getBytes(US_ASCII));
        }
    }
}
