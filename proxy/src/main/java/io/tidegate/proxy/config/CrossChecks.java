package io.tidegate.proxy.config;

import io.tidegate.proxy.config.TidegateConfig.Auth;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.ClusterAnswer;
import io.tidegate.proxy.config.TidegateConfig.ProxyProtocol;
import io.tidegate.proxy.config.TidegateConfig.TlsClientAuth;
import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Fence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What no setting can say by itself: settings that need or exclude one another, and set-ups that work but keep less than
 * one might think. A check whose settings could not be read is silent, for they are mistakes already.
 */
final class CrossChecks {
    private static final String SENTINEL = "upstream.sentinel";
    private static final String STATIC = "upstream.static";

    /** What nobody guesses at a few tries a minute. */
    private static final int TOKEN_LENGTH_MIN = 16;

    private final Values values;
    private final Mistakes mistakes;

    private CrossChecks(Values values, Mistakes mistakes) {
        this.values = values;
        this.mistakes = mistakes;
    }

    static void check(Values values, Mistakes mistakes) {
        CrossChecks checks = new CrossChecks(values, mistakes);
        checks.listeners();
        checks.durability();
        checks.addresses();
        checks.closedByDefault();
        checks.topology();
        checks.fence();
        checks.credentials(UpstreamTable.USERNAME, UpstreamTable.PASSWORD);
        checks.credentials(UpstreamTable.SENTINEL_USERNAME, UpstreamTable.SENTINEL_PASSWORD);
        checks.tls();
        checks.connections();
        checks.balancers();
        checks.buffers();
        checks.sentinels();
        checks.zones();
        checks.token();
    }

    private void token() {
        Secret token = values.known(ProcessTable.ADMIN_TOKEN);
        BindAddress address = values.known(ProcessTable.ADMIN_ADDRESS);
        if (token == null) {
            return;
        }
        if (token.reveal().length() < TOKEN_LENGTH_MIN) {
            mistake(ProcessTable.ADMIN_TOKEN.path(), "too short (expected: >= " + TOKEN_LENGTH_MIN + " characters)");
        }
        if (address == null) {
            warn(ProcessTable.ADMIN_TOKEN.path(), "of no use without admin.address");
        } else if (!address.loopback()
                && !values.has(ProcessTable.ADMIN_TLS.certificate().path())) {
            warn(
                    ProcessTable.ADMIN_TOKEN.path(),
                    "whoever brings it to '" + address + "' sends it in the clear without admin.tls");
        }
    }

    private void listeners() {
        int count = values.listeners();
        if (count == 0 || count > SettingTable.LISTENERS_MAX) {
            mistake("listeners", count + " of them (expected: 1.." + SettingTable.LISTENERS_MAX + ")");
        }
        boolean anonymous = values.known(ClientTable.AUTH) == Auth.NONE;
        for (int i = 0; i < count; i++) {
            String users = Values.path(ListenerTable.USERS, i);
            if (anonymous && values.has(users)) {
                mistake(users, "with clients.auth: none nobody says who he is (expected: clients.auth: passthrough)");
            }
            if (anonymous && values.known(ListenerTable.CAUSAL, i) == Causal.USER) {
                warn(
                        Values.path(ListenerTable.CAUSAL, i),
                        "with clients.auth: none everybody is the same user, so this means the same as listener");
            }
        }
    }

    private void durability() {
        for (int i = 0; i < values.listeners(); i++) {
            Durability writes = values.known(ListenerTable.WRITES, i);
            if (writes != null && writes.asksReplicas() && writes.replicas() != Durability.ALL) {
                warn(Values.path(ListenerTable.WRITES, i), "'" + writes + "'" + oddityOf(writes));
            }
        }
    }

    private String oddityOf(Durability counted) {
        List<NodeAddress> nodes = values.known(UpstreamTable.STATIC_NODES);
        return nodes != null && counted.replicas() >= nodes.size()
                ? " can never be met: upstream.static names " + nodes.size() + " nodes, and one of them is the primary"
                : " is lost with the primary if a replica without it is promoted; only replicated(all) is certain";
    }

    private void addresses() {
        Map<String, BindAddress> addresses = new LinkedHashMap<>();
        for (int i = 0; i < values.listeners(); i++) {
            clash(addresses, Values.path(ListenerTable.ADDRESS, i), values.known(ListenerTable.ADDRESS, i));
        }
        clash(addresses, ProcessTable.ADMIN_ADDRESS.path(), values.known(ProcessTable.ADMIN_ADDRESS));
        clash(addresses, ProcessTable.SENTINEL_PORT_ADDRESS.path(), values.known(ProcessTable.SENTINEL_PORT_ADDRESS));
    }

    private void clash(Map<String, BindAddress> earlier, String path, @Nullable BindAddress address) {
        if (address == null) {
            return;
        }
        earlier.forEach((otherPath, other) -> {
            if (address.clashesWith(other)) {
                mistake(path, "'" + address + "' is taken by " + otherPath + ": '" + other + "'");
            }
        });
        earlier.put(path, address);
    }

    private void closedByDefault() {
        if (values.known(ClientTable.AUTH) == Auth.NONE) {
            for (int i = 0; i < values.listeners(); i++) {
                if (!ListenerTable.open(values, i)) {
                    mistake(
                            Values.path(ListenerTable.ADDRESS, i),
                            "'" + values.known(ListenerTable.ADDRESS, i)
                                    + "' can be reached from other machines, and clients.auth is none (expected: a"
                                    + " loopback address, clients.auth: passthrough, tls.client-auth: required, or"
                                    + " clients.open: true)");
                }
            }
        }
        closedUnless(ProcessTable.ADMIN_ADDRESS, ProcessTable.ADMIN_TLS, ProcessTable.ADMIN_OPEN);
        closedUnless(
                ProcessTable.SENTINEL_PORT_ADDRESS, ProcessTable.SENTINEL_PORT_TLS, ProcessTable.SENTINEL_PORT_OPEN);
    }

    /** A port that asks nobody for a password. */
    private void closedUnless(Setting<BindAddress> where, ServerTlsGroup tls, Setting<Boolean> open) {
        BindAddress address = values.known(where);
        if (address != null
                && !address.loopback()
                && !tls.certified(values, 0)
                && Boolean.FALSE.equals(values.known(open))) {
            mistake(
                    where.path(),
                    "'" + address + "' can be reached from other machines (expected: a loopback address, "
                            + tls.clientAuth().path() + ": required, or " + open.path() + ": true)");
        }
    }

    private void topology() {
        boolean sentinel = values.has(SENTINEL);
        if (sentinel == values.has(STATIC)) {
            mistake(
                    sentinel ? STATIC : "upstream",
                    (sentinel ? "set together with " + SENTINEL : "names no servers")
                            + " (expected: exactly one of "
                            + SENTINEL
                            + " and "
                            + STATIC
                            + ")");
        }
    }

    private void fence() {
        Fence fence = values.known(UpstreamTable.FENCE);
        boolean plain = values.has(STATIC) && !values.has(SENTINEL);
        if (plain && fence != null && (fence == Fence.LEASE || fence == Fence.CONFIRM)) {
            mistake(
                    UpstreamTable.FENCE.path(),
                    "'" + fence.name().toLowerCase(Locale.ROOT)
                            + "' needs sentinels, and upstream.static has none (expected: role | off)");
        }
        if (values.has(SENTINEL) && (fence == Fence.ROLE || fence == Fence.OFF)) {
            warn(
                    UpstreamTable.FENCE.path(),
                    "a write acknowledged by a replaced primary can be passed on; lease prevents it");
        }
        if (values.has(STATIC) && fence == Fence.OFF) {
            warn(UpstreamTable.FENCE.path(), "whatever answers is believed to be the primary");
        }
    }

    private void credentials(Setting<String> username, Setting<Secret> password) {
        if (values.has(username.path()) && !values.has(password.path())) {
            mistake(username.path(), "set without " + password.path());
        }
    }

    private void tls() {
        for (int i = 0; i < values.listeners(); i++) {
            tls(ListenerTable.TLS, i);
        }
        tls(ProcessTable.ADMIN_TLS, 0);
        tls(ProcessTable.SENTINEL_PORT_TLS, 0);
        both(UpstreamTable.TLS.certificate(), UpstreamTable.TLS.key());
        both(UpstreamTable.SENTINEL_TLS.certificate(), UpstreamTable.SENTINEL_TLS.key());
    }

    private void tls(ServerTlsGroup port, int index) {
        String authorities = Values.path(port.clientCa(), index);
        TlsClientAuth clients = values.known(port.clientAuth(), index);
        if (clients == TlsClientAuth.NONE && values.has(authorities)) {
            warn(authorities, "has no effect with client-auth: none");
        } else if (clients != TlsClientAuth.NONE && clients != null && !values.has(authorities)) {
            mistake(
                    Values.path(port.clientAuth(), index),
                    "'" + clients.name().toLowerCase(Locale.ROOT)
                            + "' needs client-ca, which says whose certificates are believed");
        }
    }

    private void both(Setting<?> one, Setting<?> other) {
        if (values.has(one.path()) != values.has(other.path())) {
            boolean first = values.has(one.path());
            mistake((first ? one : other).path(), "set without " + (first ? other : one).path());
        }
    }

    private void connections() {
        Integer all = values.known(ClientTable.CONNECTIONS_MAX);
        Integer perAddress = values.known(ClientTable.CONNECTIONS_PER_ADDRESS_MAX);
        if (all != null && perAddress != null && perAddress > all) {
            warn(
                    ClientTable.CONNECTIONS_PER_ADDRESS_MAX.path(),
                    "has no effect above " + ClientTable.CONNECTIONS_MAX.path());
        }
    }

    /** Who is sent to a listener behind a balancer is not behind it. */
    private void balancers() {
        boolean first = values.known(ListenerTable.PROXY_PROTOCOL, 0) == ProxyProtocol.REQUIRED;
        if (first
                && values.has(ProcessTable.SENTINEL_PORT_ADDRESS.path())
                && !values.has(ProcessTable.SENTINEL_PORT_ANNOUNCE.path())) {
            warn(
                    ProcessTable.SENTINEL_PORT_ADDRESS.path(),
                    "sends clients to listeners[0], which lets nobody in without a PROXY header; announce the"
                            + " balancer");
        }
        if (values.known(TrafficTable.CLUSTER_ANSWER) == ClusterAnswer.ON
                && !values.has(TrafficTable.CLUSTER_HOST.path())
                && IntStream.range(0, values.listeners())
                        .anyMatch(i -> values.known(ListenerTable.PROXY_PROTOCOL, i) == ProxyProtocol.REQUIRED)) {
            warn(
                    TrafficTable.CLUSTER_ANSWER.path(),
                    "sends clients to a listener that lets nobody in without a PROXY header; set host to the balancer");
        }
    }

    private void buffers() {
        Long query = values.known(ClientTable.QUERY_BUFFER_MAX);
        Long bulk = values.known(ClientTable.BULK_MAX);
        if (query != null && bulk != null && query < bulk) {
            mistake(
                    ClientTable.QUERY_BUFFER_MAX.path(),
                    "smaller than " + ClientTable.BULK_MAX.path() + " (expected: >= it)");
        }
    }

    private void sentinels() {
        List<NodeAddress> sentinels = values.known(UpstreamTable.SENTINEL_NODES);
        if (sentinels != null && sentinels.size() < 3) {
            warn(
                    UpstreamTable.SENTINEL_NODES.path(),
                    "names " + sentinels.size() + " of them; while these are down at the start, no other is found");
        }
    }

    private void zones() {
        if (values.has(ProcessTable.ZONE.path()) != values.has(ProcessTable.ZONES.path())) {
            boolean zone = values.has(ProcessTable.ZONE.path());
            String path = (zone ? ProcessTable.ZONE : ProcessTable.ZONES).path();
            warn(path, "has no effect without " + (zone ? ProcessTable.ZONES : ProcessTable.ZONE).path());
        }
    }

    private void mistake(String path, String problem) {
        mistakes.add(values.place(path), path, problem);
    }

    private void warn(String path, String oddity) {
        mistakes.warn(values.place(path), path, oddity);
    }
}
