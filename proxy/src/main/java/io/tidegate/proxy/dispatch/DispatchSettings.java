package io.tidegate.proxy.dispatch;

import io.netty.channel.WriteBufferWaterMark;
import io.tidegate.protocol.Limits;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.upstream.ConnectionKey;
import java.util.Set;

/**
 * What the dispatcher is told. Every bound of the data plane is here. A reload replaces it as a whole, on each loop by the
 * loop's own thread; what bounds one client, its session keeps from its beginning ({@link Session#settings}).
 *
 * @param limits of frames
 * @param commandsInFlightMax unanswered commands per session; more wait in its input
 * @param queryBytesMax input kept per session, since it is not answered
 * @param uploadBytesMin a command of more bytes than that is not kept but passed on as it comes, see {@link Upload}
 * @param outputBytesHigh replies waiting for a client, kept back or in its channel, above which no more of its commands
 *     are sent; also what its channel calls full
 * @param outputBytesMax replies waiting for a client's socket above which it is disconnected
 * @param subscriberLimits what a client may leave unread of messages
 * @param patience how long a client may take when it is its turn
 * @param holdNanosMax how long a request may wait for a node
 * @param heldSessionsMax sessions that may wait for a node, per event loop
 * @param heldBytesMax bytes of requests of sessions that wait for a node, per event loop
 * @param drainPerSecond sessions that go on per second, per event loop, once what they waited for in a failover is there
 * @param dryRun nothing waits for a primary: it is counted what would have become of it
 * @param parkNanosMax how long a reply may wait for evidence
 * @param parkedRepliesMax sessions whose reply waits for evidence, per event loop
 * @param parkedBytesMax bytes of replies that may wait for evidence, per event loop
 * @param settleNanosMax how long a session read may wait for a replica to become its home
 * @param silenceNanosMax a replica that has not answered a probe for so long serves nothing
 * @param passthroughAuth whether clients authenticate with the servers' own users
 * @param cluster whether the proxy is a cluster of one node to whoever asks
 * @param clusterHost where that node is said to be; empty: where the client found it
 * @param slowLog what counts as slow, and how many of those are kept
 * @param sampleEvery so many commands there is one of which the keys are looked at; 0 = none
 * @param allowed commands that the operator allows although they are refused by default, lower case
 */
public record DispatchSettings(
        Limits limits,
        int commandsInFlightMax,
        long queryBytesMax,
        long uploadBytesMin,
        long outputBytesHigh,
        long outputBytesMax,
        SubscriberLimits subscriberLimits,
        Patience patience,
        long holdNanosMax,
        int heldSessionsMax,
        long heldBytesMax,
        int drainPerSecond,
        boolean dryRun,
        long parkNanosMax,
        int parkedRepliesMax,
        long parkedBytesMax,
        long settleNanosMax,
        long silenceNanosMax,
        boolean passthroughAuth,
        boolean cluster,
        String clusterHost,
        SlowLogSettings slowLog,
        int sampleEvery,
        Set<String> allowed) {

    /** What is slow, and how many of those are kept; 0 = none. */
    public record SlowLogSettings(long slowNanos, int entriesMax) {}

    public DispatchSettings {
        if (outputBytesHigh < 1 || outputBytesHigh > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("outputBytesHigh: " + outputBytesHigh + " (expected: 1..2147483647)");
        }
        if (drainPerSecond < 1) {
            throw new IllegalArgumentException("drainPerSecond: " + drainPerSecond + " (expected: >= 1)");
        }
        allowed = Set.copyOf(allowed);
    }

    /** As whom a client begins. */
    ConnectionKey initialKey() {
        return passthroughAuth ? ConnectionKey.ANONYMOUS : ConnectionKey.INITIAL;
    }

    /**
     * When a client's channel says that it is full, and when that it drained. Full is the very fill above which its
     * session stops, or nobody would wake the session.
     */
    public WriteBufferWaterMark clientWaterMark() {
        int high = (int) outputBytesHigh;
        return new WriteBufferWaterMark(high / 4, high);
    }
}
