package io.tidegate.bench.load;

/** When the batches of one kind of traffic are sent. Called on the run's event loop only. */
interface Pacing {
    /** All connections are there. */
    void begin();

    /** Replies of this connection were read, and counted by it. */
    void replied(Connection connection, int replies);

    /**
     * The measured time is over. No batch is sent but one that was due before.
     *
     * @param finished to be run once, when nothing is waited for any more; it may be too late then
     */
    void end(Runnable finished);

    /** Nothing is waited for any more, whatever has no reply. */
    void giveUp();
}
