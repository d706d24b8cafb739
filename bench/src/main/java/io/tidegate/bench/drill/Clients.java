package io.tidegate.bench.drill;

/** What an application has of one client library: whatever its connections share. */
interface Clients extends AutoCloseable {
    /** Opens one connection, or none yet: then the first write does. */
    Appender open();

    /** Ends what is shared, and so whoever still waits for an answer on a connection of its own. */
    @Override
    void close();
}
