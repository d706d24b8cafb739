package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.sim.Request.Outcome;
import io.tidegate.routing.sim.SimSentinel.SentinelSettings;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One world from one seed: a shard, its sentinels, proxies with their clients, and what goes wrong. */
final class Simulation {
    /** All worlds are of this kind; by lot if negative. */
    private static final int KIND = Integer.getInteger("tidegate.sim.kind", -1);

    /** Of which there are eight: three special ones, and five of which none is. */
    private static final int STEPPED = 0;

    private static final int BY_HAND = 1;
    private static final int HELD_DOWN = 2;
    private static final int KINDS = 8;

    private static final long WARM_UP_NANOS = 2500 * MILLIS;
    private static final long LEASE_WARM_UP_NANOS = 24 * SECONDS;
    private static final long MARGIN_NANOS = 20 * MILLIS;

    /** In worlds of which each sentinel's clock may step once, and so far. */
    private static final long WIDE_MARGIN_NANOS = 300 * MILLIS;

    /** After which a node is out of reach. */
    static final long SILENCE_NANOS = SECONDS;

    static final long STEP_NANOS_MAX = 280 * MILLIS;
    private static final long PEACE_NANOS_MAX = 240 * SECONDS;
    private static final ReadLevel[] LEVELS = {
        ReadLevel.SESSION, ReadLevel.SESSION, ReadLevel.STRONG, ReadLevel.bounded(200 * MILLIS), ReadLevel.EVENTUAL
    };

    /** Which of them writes only what all replicas hold. */
    private static final int REPLICATED = 4;

    final EventQueue queue = new EventQueue();
    final Truth truth = new Truth(queue);
    final SimNetwork network;
    final List<SimNode> nodes = new ArrayList<>();
    final List<SimSentinel> sentinels = new ArrayList<>();
    final List<SimProxy> proxies = new ArrayList<>();
    final Set<SimSentinel> removed = new HashSet<>();
    final Invariants invariants = new Invariants(queue, truth);
    final Pace pace;

    private final long seed;
    private final RandomSource random;
    private final PlantedFault planted;
    private final Set<String> without;
    private final boolean clocksStep;

    /** In one world of eight nobody votes, and people decide. */
    private final boolean decidedByHand;

    /** In one a sentinel has called the primary down from the beginning, and no other does. */
    private final boolean heldDown;

    private @Nullable SimNode agreed;
    private final Set<String> parts = new LinkedHashSet<>();
    private final List<SimClient> clients = new ArrayList<>();

    /**
     * What came of a run without a violation.
     *
     * @param divided whether the sentinels did not agree in the end
     */
    record Summary(
            long traceHash,
            int events,
            int done,
            int uncertain,
            int notExecuted,
            int replicaReads,
            int strongByReplica,
            int kept,
            int sentAgain,
            int promotions,
            boolean divided) {}

    Simulation(long seed, PlantedFault planted) {
        this(seed, planted, Set.of());
    }

    /** @param without {@link #parts} of the world of this seed that are left out */
    Simulation(long seed, PlantedFault planted, Set<String> without) {
        this.seed = seed;
        this.planted = planted;
        this.without = without;
        random = new RandomSource(seed);
        network = new SimNetwork(queue, fork());
        pace = new Pace(queue, fork());
        truth.checkedBy(invariants);
        int drawn = random.next(KINDS);
        int wanted = planted.provokedByHand() ? BY_HAND : KIND;
        int kind = wanted < 0 ? drawn : wanted;
        clocksStep = kind == STEPPED;
        decidedByHand = kind == BY_HAND;
        heldDown = kind == HELD_DOWN;
        build();
    }

    private RandomSource fork() {
        return new RandomSource(random.next());
    }

    private void build() {
        List<NodeAddress> nodeAddresses = addresses("node", 2 + random.next(2), 2, 6379);
        List<NodeAddress> sentinelAddresses =
                decidedByHand ? List.of() : addresses("sentinel", random.next(6) == 0 ? 5 : 3, 3, 26_379);
        for (NodeAddress address : nodeAddresses) {
            nodes.add(new SimNode(address, network, fork(), truth));
        }
        nodes.forEach(network::add);
        nodes.stream().skip(1).forEach(node -> node.replicaOf(nodeAddresses.get(0)));
        int majority = sentinelAddresses.size() / 2 + 1;
        SentinelSettings settings = new SentinelSettings(
                clocksStep ? 1 + random.next(majority) : majority,
                clocksStep ? 1900 + random.next(100) : 500 + random.next(1500),
                3000 + random.next(3000));
        for (NodeAddress address : sentinelAddresses) {
            sentinels.add(new SimSentinel(address, nodeAddresses, sentinelAddresses, settings, network, fork(), truth));
        }
        sentinels.forEach(network::add);
        int tidegates = !decidedByHand && random.next(4) == 0 ? 2 : 1;
        for (NodeAddress address : addresses("proxy", tidegates, 1, 6390)) {
            proxies.add(new SimProxy(
                    address,
                    network,
                    fork(),
                    truth,
                    invariants,
                    pace,
                    planted.around(Engine.real(settings(topology(nodeAddresses, sentinelAddresses)))),
                    planted.slip(),
                    seed % 2 == 0));
        }
        proxies.forEach(network::add);
        proxies.forEach(this::addClients);
        if (decidedByHand) {
            proxies.forEach(invariants::decidesAlone);
        }
    }

    private void addClients(SimProxy proxy) {
        SimClient.Scope shared = new SimClient.Scope();
        for (int i = 0; i < LEVELS.length; i++) {
            SimClient.Scope scope = i < 2 ? shared : new SimClient.Scope();
            Durability durability = i == REPLICATED ? Durability.parse("replicated(all)") : Durability.ACKNOWLEDGED;
            SimClient client = new SimClient(proxy, invariants, pace, scope, LEVELS[i], durability, fork());
            if (has(proxy + "-client-" + i)) {
                clients.add(client);
            }
        }
    }

    /** {@code count} of them, of which all but {@code fewest} can be left out. */
    private List<NodeAddress> addresses(String name, int count, int fewest, int port) {
        return IntStream.rangeClosed(1, count)
                .filter(i -> i <= fewest || has(name + "-" + i))
                .mapToObj(i -> new NodeAddress(name + "-" + i, port))
                .toList();
    }

    /** Whether this part, which can be left out, is there. */
    boolean has(String part) {
        boolean there = !without.contains(part);
        if (there) {
            parts.add(part);
        }
        return there;
    }

    /** Faults, clients, processes, the time before the first fault: what is there and could be left out. */
    Set<String> parts() {
        return parts;
    }

    boolean clocksStep() {
        return clocksStep;
    }

    /** Who has called the primary down from the beginning. */
    List<SimSentinel> heldDownBy() {
        return heldDown ? sentinels.subList(0, 1) : List.of();
    }

    /** Where people decide: this node is meant to be primary from here on. */
    void agreeOn(SimNode node) {
        agreed = node;
    }

    /** What may go wrong here, each as often as it is named. */
    List<Strike.Fault> faults() {
        if (!planted.provokedBy().isEmpty() && (decidedByHand || !planted.provokedByHand())) {
            return planted.provokedBy();
        }
        return decidedByHand ? Strike.Fault.BY_HAND : Strike.Fault.BY_WEIGHT;
    }

    private EngineSettings.Topology topology(List<NodeAddress> nodes, List<NodeAddress> sentinels) {
        if (!decidedByHand) {
            return new EngineSettings.Topology.Sentinel(SimSentinel.SHARD, sentinels);
        }
        return new EngineSettings.Topology.Static(
                nodes, random.next(2) == 0 ? EngineSettings.Restart.ACCEPT : EngineSettings.Restart.FENCE);
    }

    private EngineSettings settings(EngineSettings.Topology topology) {
        return new EngineSettings(
                topology,
                EngineSettings.Fence.LEASE,
                false,
                SimDataPlane.LAG_NANOS_MAX,
                SILENCE_NANOS,
                100 * MILLIS,
                clocksStep ? WIDE_MARGIN_NANOS : MARGIN_NANOS,
                SimProxy.TICK_NANOS,
                null,
                Map.of(),
                16);
    }

    /** The same world, smaller. */
    Simulation withoutAlso(String part) {
        Set<String> more = new LinkedHashSet<>(without);
        more.add(part);
        return new Simulation(seed, planted, more);
    }

    /** The system properties of the test run that show this run again. */
    String replayedBy() {
        return "-Dtidegate.sim.seed=" + seed
                + (KIND < 0 ? "" : " -Dtidegate.sim.kind=" + KIND)
                + (planted == PlantedFault.NONE ? "" : " -Dtidegate.sim.planted=" + planted)
                + (without.isEmpty() ? "" : " -Dtidegate.sim.without=" + String.join(",", without));
    }

    List<SimProcess> processes() {
        return Stream.of(nodes, sentinels, proxies)
                .<SimProcess>flatMap(List::stream)
                .toList();
    }

    List<SimSentinel> remaining() {
        return sentinels.stream()
                .filter(sentinel -> !removed.contains(sentinel))
                .toList();
    }

    /** Another process that calls itself primary, at the address of one. Sentinels do not meet it. */
    SimNode stray(NodeAddress address) {
        SimNode stray = new SimNode(address, network, fork(), truth);
        truth.strays(stray, sentinels);
        return stray;
    }

    void addReplica() {
        SimNode added = new SimNode(new NodeAddress("node-" + (nodes.size() + 1), 6379), network, fork(), truth);
        network.add(added);
        nodes.add(added);
        added.replicaOf(primary().address);
    }

    /** Whom most would call the primary: the one of the highest epoch that counted. */
    SimNode primary() {
        if (agreed != null) {
            return agreed;
        }
        Truth.Promotion latest = truth.rightful();
        return latest == null ? nodes.get(0) : latest.node();
    }

    /** @throws Violation of the first invariant that does not hold */
    Summary run() {
        heldDownBy().forEach(sentinel -> network.partition(sentinel, nodes.get(0)));
        proxies.forEach(SimProxy::start);
        // In some of the runs leases are at work when the first fault comes, in the others confirmation alone.
        boolean leased = (clocksStep || heldDown || (random.next(4) == 0 && !decidedByHand)) && has("lease");
        int events = runUntil(queue.nowNanos() + (leased ? LEASE_WARM_UP_NANOS : WARM_UP_NANOS));
        pace.begin();
        clients.forEach(SimClient::start);
        Scenario scenario = new Scenario(this, fork());
        long end = queue.nowNanos() + (3 + random.next(8)) * SECONDS;
        scenario.plan(1 + random.next(7), queue.nowNanos(), end);
        events += runUntil(end + SECONDS);
        scenario.makePeace();
        events += settle();
        return new Summary(
                truth.traceHash(),
                events,
                invariants.outcomes(Outcome.DONE),
                invariants.outcomes(Outcome.UNCERTAIN),
                invariants.outcomes(Outcome.NOT_EXECUTED),
                invariants.replicaReads(),
                invariants.strong().byIndex(),
                invariants.kept(),
                invariants.sentAgain(),
                truth.effective().size(),
                !disagreement().isEmpty());
    }

    private int runUntil(long endNanos) {
        int events = 0;
        while (queue.step(endNanos)) {
            events++;
        }
        return events;
    }

    /** I10: some time after the last fault everything is as it should be, and stays so. */
    private int settle() {
        long deadline = queue.nowNanos() + PEACE_NANOS_MAX;
        int events = 0;
        int calm = 0;
        int mended = 0;
        List<String> wrong = List.of();
        while (queue.nowNanos() < deadline && calm < 3) {
            events += runUntil(queue.nowNanos() + 400 * MILLIS);
            wrong = wrong();
            calm = wrong.isEmpty() ? calm + 1 : 0;
            if (decidedByHand && !wrong.isEmpty()) {
                new ByHand(this, random).putInOrder(++mended % 10 == 0);
            }
        }
        // Sentinels may stay divided, when a forced failover and an election took the same epoch: not ours to settle.
        if (!wrong.isEmpty() && disagreement().isEmpty() && !strandedPrimary() && !mayElectUnheard()) {
            throw new Violation(Invariant.I10_EVENTUALLY_STABLE, String.join("; ", wrong));
        }
        clients.forEach(SimClient::stop);
        while (invariants.waiting() && queue.nowNanos() < deadline) {
            events += runUntil(queue.nowNanos() + 500 * MILLIS);
        }
        return events;
    }

    private List<String> wrong() {
        List<String> wrong = new ArrayList<>(disagreement());
        NodeAddress agreed = agreed();
        // Whom a reset made every sentinel forget, nobody tells to follow again, and no proxy hears of.
        List<SimNode> known = nodes.stream()
                .filter(node ->
                        decidedByHand || remaining().stream().anyMatch(sentinel -> sentinel.knows(node.address)))
                .toList();
        proxies.forEach(proxy -> wrong.addAll(invariants.unstable(proxy, agreed, known)));
        return wrong;
    }

    /** Whether somebody says primary of whom no sentinel knows any more: votes may have made it one, and nobody unmakes it. */
    private boolean strandedPrimary() {
        NodeAddress agreed = agreed();
        return !decidedByHand
                && nodes.stream()
                        .filter(node -> node.primary() && !node.address.equals(agreed))
                        .anyMatch(node -> remaining().stream().noneMatch(sentinel -> sentinel.knows(node.address)));
    }

    /**
     * Whether a sentinel that is gone for good said last that its own vote is enough to elect it: nobody can know that it does
     * not, until it is taken off the proxy's list.
     */
    private boolean mayElectUnheard() {
        return removed.stream().anyMatch(gone -> gone.toldOthers == 0 && gone.settings.quorum() == 1);
    }

    private NodeAddress agreed() {
        return decidedByHand ? primary().address : remaining().get(0).currentPrimary();
    }

    private List<String> disagreement() {
        NodeAddress agreed = agreed();
        return remaining().stream()
                .filter(sentinel -> !sentinel.currentPrimary().equals(agreed) || sentinel.failoverInProgress())
                .map(sentinel -> sentinel + " names " + sentinel.currentPrimary())
                .toList();
    }

    @Override
    public String toString() {
        return "seed " + seed + (planted == PlantedFault.NONE ? "" : " with " + planted)
                + (without.isEmpty() ? "" : " without " + without);
    }
}
