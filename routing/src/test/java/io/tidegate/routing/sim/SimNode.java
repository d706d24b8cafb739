package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server as replication.c makes it: a history with an offset, a former history up to an offset, partial and full
 * synchronisation, promotion that starts a history of its own and drops everybody. What it has on disk is older than
 * what it has in memory.
 */
final class SimNode extends SimProcess {
    private static final long STREAM_PING_NANOS = SECONDS;
    private static final long RECONNECT_NANOS = 300 * MILLIS;

    /** Answers to commands of data. */
    enum Refusal {
        READONLY,
        LOADING
    }

    private final SimNetwork network;
    private final RandomSource random;
    private final Truth truth;
    private final List<SimConnection> clients = new ArrayList<>();
    private final List<Feed> feeds = new ArrayList<>();
    private final List<Log.Entry> arrivedWhileLoading = new ArrayList<>();

    private String runId = "";
    private Log log = new Log(0);
    private int dataSet;
    private String history;
    private @Nullable String formerHistory;
    private long formerHistoryEnd = -1;
    private @Nullable NodeAddress follows;

    /** The connection to the primary; null while there is none. */
    private @Nullable SimConnection upstream;

    private boolean linkUp;
    private boolean syncing;
    private boolean loadingFromDisk;
    private boolean loadingFromPrimary;
    private long feedDelayNanos;

    /** What a restart finds on disk: the data and where in which stream they were. */
    private Log.Snapshot saved = new Log(0).snapshot();

    private @Nullable String savedHistory;

    /** A replica that this node sends its stream to. */
    private record Feed(SimConnection connection, SimNode replica) {}

    SimNode(NodeAddress address, SimNetwork network, RandomSource random, Truth truth) {
        super(address, network.queue());
        this.network = network;
        this.random = random;
        this.truth = truth;
        this.history = truth.newId("history");
        boot();
    }

    // What it answers.

    ReplicationInfo info() {
        List<NodeAddress> addresses =
                feeds.stream().map(feed -> feed.replica().address).toList();
        return new ReplicationInfo(
                runId,
                primary(),
                history,
                formerHistory,
                formerHistoryEnd,
                log.offset(),
                follows,
                linkUp,
                syncing,
                loading(),
                true,
                addresses);
    }

    Role role() {
        if (follows == null) {
            return new Role.Primary(log.offset());
        }
        String state = linkUp ? "connected" : syncing ? "sync" : upstream == null ? "connect" : "handshake";
        return new Role.Replica(follows, state, linkUp ? log.offset() : -1);
    }

    /** Executes a write, or says why it did not. */
    @Nullable Refusal write(int write) {
        if (loading()) {
            return Refusal.LOADING;
        }
        if (!primary()) {
            return Refusal.READONLY;
        }
        Log.Entry entry = new Log.Entry(write, queue.nowNanos(), runId);
        truth.executed(write, entry, log);
        append(entry);
        return null;
    }

    /** All that a read can see; null while it is loading. */
    Log.@Nullable Snapshot read() {
        return loading() ? null : log.snapshot();
    }

    private boolean loading() {
        return loadingFromDisk || loadingFromPrimary;
    }

    boolean primary() {
        return follows == null;
    }

    boolean linkUp() {
        return linkUp;
    }

    String runId() {
        return runId;
    }

    Log log() {
        return log;
    }

    /** Counts the data sets that it was given by others; one that it is loading is the one that it has. */
    int dataSet() {
        return dataSet;
    }

    @Nullable NodeAddress follows() {
        return follows;
    }

    /** A client of type "normal": CLIENT KILL ends it. */
    void accepted(SimConnection connection) {
        clients.removeIf(SimConnection::over);
        clients.add(connection);
    }

    /** PUBLISH on the channel that every sentinel subscribes to. */
    void relay(SimSentinel.Hello hello) {
        for (SimConnection client : clients) {
            if (client.client() instanceof SimSentinel sentinel) {
                client.toClient(() -> sentinel.hear(hello));
            }
        }
    }

    // What is done to it.

    /** The stream to this node takes so much longer from now on. */
    void delayFeed(long nanos) {
        feedDelayNanos = nanos;
    }

    void save() {
        saved = log.snapshot();
        savedHistory = history;
    }

    /** There is nothing on disk any more. */
    void wipe() {
        saved = new Log(0).snapshot();
        savedHistory = null;
    }

    /** {@code CLIENT KILL} for everybody. */
    void killClients() {
        List.copyOf(clients).forEach(client -> client.close(this));
    }

    /**
     * What sentinels send in one transaction: REPLICAOF (NO ONE if null), and CLIENT KILL for everybody but the sender.
     *
     * @return whether it ran; REPLICAOF is refused while loading
     */
    boolean reconfigure(@Nullable NodeAddress primary, SimConnection sender) {
        if (loading()) {
            return false;
        }
        replicaOf(primary);
        for (SimConnection client : List.copyOf(clients)) {
            if (client != sender) {
                client.close(this);
            }
        }
        return true;
    }

    /** REPLICAOF (NO ONE if null) by hand; refused while loading. */
    void obey(@Nullable NodeAddress primary) {
        inside(life(), () -> {
            if (!loading()) {
                replicaOf(primary);
            }
        });
    }

    void replicaOf(@Nullable NodeAddress primary) {
        if (primary == null && follows != null) {
            formerHistory = history;
            formerHistoryEnd = log.offset() + 1;
            history = truth.newId("history");
            follows = null;
            dropLink();
            dropFeeds();
            truth.becamePrimary(this);
        } else if (primary != null && !primary.equals(follows)) {
            if (follows == null) {
                truth.stoppedBeingPrimary(this);
                // The log of the time as primary stays as it was; truth and snapshots refer to it.
                log = log.copy();
            }
            follows = primary;
            dropLink();
            dropFeeds();
            connectToPrimary();
        }
    }

    @Override
    void crash() {
        if (primary()) {
            truth.stoppedBeingPrimary(this);
        }
        super.crash();
        network.endConnectionsOf(this);
        clients.clear();
        feeds.clear();
        arrivedWhileLoading.clear();
        upstream = null;
        linkUp = false;
        syncing = false;
        loadingFromDisk = false;
        loadingFromPrimary = false;
    }

    /** Starts again from disk; its role is in its configuration file. */
    @Override
    void restart() {
        super.restart();
        if (savedHistory != null && follows != null) {
            log = saved.copy();
            history = savedHistory;
        } else {
            log = saved.rebased(random.next(2) == 0 ? 0 : random.next(1000));
            history = truth.newId("history");
        }
        formerHistory = null;
        formerHistoryEnd = -1;
        boot();
    }

    private void boot() {
        runId = truth.newId("run");
        truth.booted(this);
        if (primary()) {
            truth.becamePrimary(this);
        }
        if (log.size() > 0) {
            loadingFromDisk = true;
        }
        later(loadingFromDisk ? 10 * MILLIS + random.next((int) (300 * MILLIS)) : 0, () -> {
            loadingFromDisk = false;
            connectToPrimary();
        });
        later(STREAM_PING_NANOS, this::ping);
    }

    // The stream.

    private void append(Log.Entry entry) {
        log.add(entry);
        for (Feed feed : feeds) {
            feed.replica().feed(feed.connection(), entry);
        }
    }

    private void feed(SimConnection connection, Log.Entry entry) {
        connection.toClient(feedDelayNanos, () -> {
            if (connection == upstream) {
                if (loadingFromPrimary) {
                    arrivedWhileLoading.add(entry);
                } else {
                    append(entry);
                }
            }
        });
    }

    private void ping() {
        if (primary()) {
            append(new Log.Entry(Log.NO_WRITE, queue.nowNanos(), runId));
        }
        later(STREAM_PING_NANOS, this::ping);
    }

    private void dropFeeds() {
        List<Feed> dropped = List.copyOf(feeds);
        feeds.clear();
        dropped.forEach(feed -> feed.connection().close(this));
    }

    private void dropLink() {
        if (upstream != null) {
            upstream.close(this);
        }
        upstream = null;
        linkUp = false;
        syncing = false;
    }

    private void connectToPrimary() {
        NodeAddress primary = follows;
        if (primary == null || upstream != null) {
            return;
        }
        if (loading()) {
            later(RECONNECT_NANOS, this::connectToPrimary);
            return;
        }
        network.connect(this, primary, connection -> {
            if (!primary.equals(follows) || upstream != null) {
                if (connection != null) {
                    connection.close(this);
                }
            } else if (connection == null) {
                later(RECONNECT_NANOS, this::connectToPrimary);
            } else {
                upstream = connection;
                connection.onClosedAtClient(() -> lost(connection));
                SimNode server = (SimNode) connection.server();
                String askedHistory = history;
                long askedOffset = log.offset();
                connection.toServer(() -> server.psync(connection, this, askedHistory, askedOffset));
            }
        });
    }

    private void lost(SimConnection connection) {
        if (connection == upstream) {
            dropLink();
            later(RECONNECT_NANOS, this::connectToPrimary);
        }
    }

    /** A replica asks to go on from {@code offset} of {@code asked}, or gets everything. */
    private void psync(SimConnection connection, SimNode replica, String asked, long offset) {
        if (loading() || (follows != null && !linkUp)) {
            connection.close(this);
            return;
        }
        connection.onClosedAtServer(() -> feeds.removeIf(feed -> feed.connection() == connection));
        boolean same = asked.equals(history) && offset <= log.offset();
        boolean former = asked.equals(formerHistory) && offset < formerHistoryEnd;
        String of = history;
        if (same || former) {
            connection.toClient(() -> replica.continues(connection, of));
            for (int i = log.indexOf(offset); i < log.size(); i++) {
                replica.feed(connection, log.get(i));
            }
        } else {
            Log copy = log.copy();
            connection.toClient(() -> replica.syncs(connection));
            long transfer = 20 * MILLIS + random.next((int) (500 * MILLIS));
            long load = 5 * MILLIS + random.next((int) (100 * MILLIS));
            connection.toClient(transfer, () -> replica.loads(connection, of, copy, load));
        }
        feeds.add(new Feed(connection, replica));
    }

    private void continues(SimConnection connection, String of) {
        if (connection != upstream) {
            return;
        }
        if (!of.equals(history)) {
            formerHistory = history;
            formerHistoryEnd = log.offset() + 1;
            history = of;
            dropFeeds();
        }
        linkUp = true;
    }

    private void syncs(SimConnection connection) {
        syncing = connection == upstream;
    }

    /** The data are here, and are loaded even if the connection ends meanwhile. */
    private void loads(SimConnection connection, String of, Log data, long loadNanos) {
        if (connection != upstream) {
            return;
        }
        loadingFromPrimary = true;
        dataSet++;
        dropFeeds();
        later(loadNanos, () -> {
            loadingFromPrimary = false;
            log = data;
            history = of;
            formerHistory = null;
            formerHistoryEnd = -1;
            if (connection == upstream) {
                syncing = false;
                linkUp = true;
                arrivedWhileLoading.forEach(this::append);
            }
            arrivedWhileLoading.clear();
        });
    }
}
