package io.tidegate.proxy.cli.drill;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * An application's connection without a library: stays with one server until there is an error, then opens another, and
 * makes no write a second time. Used by one thread, but for {@link #close}.
 */
public final class PlainConnection implements AutoCloseable {
    /** Says where to, and gets there. */
    public interface Opening {
        RedisCommandClient open() throws IOException;
    }

    /** The field of a stream's entries that has the number. */
    public static final String FIELD = "n";

    private static final String LAST_ENTRIES = "8";

    private final Opening opening;

    /** Written by the thread that uses it; whoever ends that closes it to wake the thread. */
    private volatile @Nullable RedisCommandClient client;

    public PlainConnection(Opening opening) {
        this.opening = opening;
    }

    /** {@code XADD key * n <number>}, of which the server itself notes when it ran it. */
    public Answer append(String key, long number) {
        RedisCommandClient current;
        try {
            current = connected();
        } catch (IOException e) {
            return Answer.unsent(e);
        }
        try {
            current.command("XADD", key, "*", FIELD, Long.toString(number));
            return Answer.ACKNOWLEDGED;
        } catch (RedisErrorException e) {
            close();
            return Answer.refused(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            close();
            return Answer.unanswered(e);
        }
    }

    /**
     * The highest number among a stream's last entries, or {@link History#NOTHING}: the very last may be a write of which
     * nothing was heard and that ran late.
     */
    long last(String key) throws IOException {
        long last = History.NOTHING;
        for (RespValue entry :
                command("XREVRANGE", key, "+", "-", "COUNT", LAST_ENTRIES).elements()) {
            last = Math.max(last, Kept.number(entry));
        }
        return last;
    }

    /**
     * Any command.
     *
     * @throws IOException if there is no connection or answer
     * @throws RedisErrorException if the answer is an error; either way the next command has a new connection
     */
    RespValue command(String... words) throws IOException {
        try {
            return connected().command(words);
        } catch (RedisErrorException | IOException e) {
            close();
            throw e;
        }
    }

    private RedisCommandClient connected() throws IOException {
        RedisCommandClient current = client;
        if (current == null) {
            current = opening.open();
            client = current;
        }
        return current;
    }

    @Override
    public void close() {
        RedisCommandClient current = client;
        client = null;
        try {
            if (current != null) {
                current.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
