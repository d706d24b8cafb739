package io.tidegate.bench.drill;

import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.cli.drill.PlainConnection;

/**
 * One connection of an application, by whichever client library or through whichever proxy, used by one thread. It finds a
 * connection by itself when it has lost the last one, but makes no write a second time.
 */
interface Appender extends AutoCloseable {
    /** The field of a stream's entries that has the number. */
    String FIELD = PlainConnection.FIELD;

    /** {@code XADD key * n <number>}, of which the server itself notes when it ran it. */
    Answer append(String key, long number);

    @Override
    void close();
}
