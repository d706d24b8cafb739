package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.SENTINEL;
import static io.tidegate.proxy.config.Configs.STATIC;
import static io.tidegate.proxy.config.Configs.load;
import static io.tidegate.proxy.config.Configs.mistakes;
import static io.tidegate.proxy.config.Configs.warnings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.config.TidegateConfig.Auth;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.Clients;
import io.tidegate.proxy.config.TidegateConfig.Cluster;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Hold;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.config.TidegateConfig.Park;
import io.tidegate.proxy.config.TidegateConfig.Reads;
import io.tidegate.proxy.config.TidegateConfig.Rights;
import io.tidegate.proxy.config.TidegateConfig.Scripts;
import io.tidegate.proxy.config.TidegateConfig.SentinelPort;
import io.tidegate.proxy.config.TidegateConfig.StrongReads;
import io.tidegate.proxy.config.TidegateConfig.Transport;
import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigLoaderTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long MEBI = 1L << 20;

    @Test
    void whatIsNotSaidIsTheDefault() throws ConfigException {
        TidegateConfig config = load(LISTENERS + SENTINEL);

        assertThat(config.listeners())
                .containsExactly(new Listener(
                        new BindAddress("127.0.0.1", 6390),
                        ReadLevel.SESSION,
                        Causal.CONNECTION,
                        Durability.ACKNOWLEDGED));
        assertThat(config.upstream().topology())
                .isEqualTo(new Topology.Sentinel("m", List.of(new NodeAddress("127.0.0.1", 26379))));
        assertThat(config.upstream().credentials()).isEqualTo(Credentials.NONE);
        assertThat(config.upstream().sentinelCredentials()).isEqualTo(Credentials.NONE);
        assertThat(config.upstream().connectNanosMax()).isEqualTo(SECOND);
        assertThat(config.upstream().replyNanosMax()).isEqualTo(30 * SECOND);
        assertThat(config.fence()).isEqualTo(Fence.LEASE);
        assertThat(config.fenceMarginNanos()).isEqualTo(20 * MILLI);
        assertThat(config.clients())
                .isEqualTo(new Clients(
                        Auth.NONE,
                        10_000,
                        0,
                        256 * MEBI,
                        32 * MEBI,
                        8 * MEBI,
                        60_000_000_000L,
                        64 * MEBI,
                        1024 * MEBI,
                        512 * MEBI,
                        1024,
                        10 * SECOND,
                        0,
                        60 * SECOND,
                        300 * SECOND));
        assertThat(config.hold()).isEqualTo(new Hold(15 * SECOND, 65_536, 256 * MEBI, 10_000, false));
        assertThat(config.park()).isEqualTo(new Park(5 * SECOND, 65_536, 256 * MEBI));
        assertThat(config.scripts()).isEqualTo(new Scripts(16 * MEBI, 4096));
        assertThat(config.cluster()).isEqualTo(new Cluster(false, ""));
        assertThat(config.sentinelPort()).isNull();
        assertThat(config.reads())
                .isEqualTo(new Reads(10 * SECOND, 2 * MILLI, 2 * SECOND, SECOND, 64, 1024, StrongReads.PRIMARY));
        assertThat(config.commandsAllowed()).isEmpty();
        assertThat(config.zone()).isNull();
        assertThat(config.zones()).isEmpty();
        assertThat(config.eventLoops()).isZero();
        assertThat(config.transport()).isEqualTo(Transport.AUTO);
        assertThat(config.admin()).isNull();
    }

    @Test
    void aStaticListIsFencedByRoleUnlessItSaysOtherwise() throws ConfigException {
        assertThat(load(LISTENERS + STATIC).fence()).isEqualTo(Fence.ROLE);
        assertThat(load(LISTENERS + STATIC + "fence: off").fence()).isEqualTo(Fence.OFF);
    }

    @Test
    void everythingThatIsSaidIsRead() throws ConfigException {
        TidegateConfig config = load("""
                listeners:
                  - {address: "[::1]:1", consistency: bounded(5ms), causal: user, writes: replicated(2), max-loss: 50ms}
                  - {address: "localhost:2", proxy-protocol: required, consistency: strong, causal: listener, writes: replicated(all),
                     users: [app, Reader], read-only: true, allow: [FLUSHALL, config|set], deny: [Keys]}
                upstream: {static: {nodes: [a:1, "[::2]:3"]}, username: u, password: p, connect-timeout: 15ms,
                           reply-timeout: 2m}
                fence: role
                fence-margin: 1500us
                clients:
                  {auth: passthrough, connections-max: 2, connections-per-address-max: 1, output-buffer-max: 64KiB, query-buffer-max: 2MiB, bulk-max: 1KiB,
                   subscriber-buffer-max: 3MiB, subscriber-buffer-soft-max: 1MiB, subscriber-soft-time: 2s, subscriptions-max: 5MiB, in-flight-max: 7,
                   handshake-timeout: 2s, idle-timeout: 3s, request-timeout: 4s, write-timeout: 5s}
                hold: {time-max: 1s, requests-max: 2, bytes-max: 3B, drain-rate: 4, dry-run: true}
                park: {time-max: 4s, replies-max: 5, bytes-max: 6B}
                reads: {max-lag: 1ms, settle: 0ms, silence-max: 10ms, probation: 3ms, spill-outstanding: 9, spill-max: 7,
                        strong: replica}
                scripts: {bytes-max: 2MiB, count-max: 8}
                commands: {allow: [DEBUG, config|set]}
                cluster: {answer: on, host: tier.example}
                sentinel-port: {address: "127.0.0.1:7", master: m, announce: [t:1, t:2]}
                zone: z
                zones: {"a:1": z}
                event-loops: 3
                transport: io_uring
                admin: {address: "127.0.0.1:0"}
                """);

        assertThat(config.listeners())
                .containsExactly(
                        new Listener(
                                new BindAddress("::1", 1),
                                ReadLevel.bounded(5 * MILLI),
                                Causal.USER,
                                new Durability(2, 50 * MILLI)),
                        new Listener(
                                new BindAddress("localhost", 2),
                                ReadLevel.STRONG,
                                Causal.LISTENER,
                                new Durability(Durability.ALL, Durability.NO_LIMIT),
                                null,
                                true,
                                saidOfRights(),
                                true));
        assertThat(config.upstream().topology())
                .isEqualTo(new Topology.Static(
                        List.of(new NodeAddress("a", 1), new NodeAddress("::2", 3)), Restart.ACCEPT));
        assertThat(config.upstream().credentials()).isEqualTo(new Credentials("u", new Secret("p")));
        assertThat(config.upstream().connectNanosMax()).isEqualTo(15 * MILLI);
        assertThat(config.upstream().replyNanosMax()).isEqualTo(120 * SECOND);
        assertThat(config.fenceMarginNanos()).isEqualTo(1_500_000);
        assertThat(config.clients()).isEqualTo(saidOfClients());
        assertThat(config.hold()).isEqualTo(new Hold(SECOND, 2, 3, 4, true));
        assertThat(config.park()).isEqualTo(new Park(4 * SECOND, 5, 6));
        assertThat(config.reads()).isEqualTo(new Reads(MILLI, 0, 10 * MILLI, 3 * MILLI, 9, 7, StrongReads.REPLICA));
        assertThat(config.scripts()).isEqualTo(new Scripts(2 * MEBI, 8));
        assertThat(config.commandsAllowed()).containsExactlyInAnyOrder("debug", "config|set");
        assertThat(config.cluster()).isEqualTo(new Cluster(true, "tier.example"));
        List<NodeAddress> announced = List.of(new NodeAddress("t", 1), new NodeAddress("t", 2));
        assertThat(config.sentinelPort())
                .isEqualTo(new SentinelPort(new BindAddress("127.0.0.1", 7), "m", announced, null));
        assertThat(config.zone()).isEqualTo("z");
        assertThat(config.zones()).containsExactly(Map.entry(new NodeAddress("a", 1), "z"));
        assertThat(config.eventLoops()).isEqualTo(3);
        assertThat(config.transport()).isEqualTo(Transport.IO_URING);
        assertThat(config.admin()).isEqualTo(new BindAddress("127.0.0.1", 0));
    }

    private static Rights saidOfRights() {
        return new Rights(Set.of("app", "Reader"), true, Set.of("flushall", "config|set"), Set.of("keys"));
    }

    private static Clients saidOfClients() {
        return new Clients(
                Auth.PASSTHROUGH,
                2,
                1,
                65_536,
                3 * MEBI,
                MEBI,
                2_000_000_000L,
                5 * MEBI,
                2 * MEBI,
                1024,
                7,
                2 * SECOND,
                3 * SECOND,
                4 * SECOND,
                5 * SECOND);
    }

    @Test
    void allMistakesAreToldAtOnce() {
        assertThat(mistakes("""
                listeners:
                  - {address: 127.0.0.1:6390, consistency: sesion}
                  - {address: 0.0.0.0:6390, users: [app]}
                  - 127.0.0.1:6391
                  - {consistency: strong}
                upstream:
                  sentinel: {master: m, nodes: [127.0.0.1:26379, 127.0.0.1:26379, "redis://:hunter2@h"]}
                  static: {}
                  reply-timeout: 2h
                  username: u
                fence: leese
                clients:
                  connection-max: 5
                  in-flight-max: [1]
                clients: {}
                zone:
                """))
                .containsExactly(
                        "t.yaml:15: 'clients' is already set at t.yaml:12",
                        "t.yaml:2: listeners[0].consistency: 'sesion' (expected: " + ReadLevel.EXPECTED + ")",
                        "t.yaml:4: listeners[2]: text (expected: a map of address, allow, causal, consistency, deny, max-loss, proxy-protocol, read-only, tls, users, writes)",
                        "t.yaml:5: listeners[3].address: missing (expected: " + BindAddress.EXPECTED + ")",
                        "t.yaml:7: upstream.sentinel.nodes[1]: '127.0.0.1:26379' is in the list twice",
                        "t.yaml:7: upstream.sentinel.nodes[2]: '***@h' (expected: host:port, IPv6 as [::1]:6379)",
                        "t.yaml:8: upstream.static.nodes: missing (expected: a list of 1..64, each host:port, IPv6 as"
                                + " [::1]:6379)",
                        "t.yaml:9: upstream.reply-timeout: '2h' (expected: a duration of 10ms..1h)",
                        "t.yaml:11: fence: 'leese' (expected: confirm | lease | role | off)",
                        "t.yaml:13: clients.connection-max: unknown, did you mean 'connections-max'? (expected: auth |"
                                + " bulk-max | connections-max | connections-per-address-max | handshake-timeout | idle-timeout | in-flight-max | open |"
                                + " output-buffer-max | query-buffer-max | request-timeout | subscriber-buffer-max | subscriber-buffer-soft-max |"
                                + " subscriber-soft-time | subscriptions-max | write-timeout)",
                        "t.yaml:14: clients.in-flight-max: a list (expected: 1..1048576)",
                        "t.yaml:16: zone: nothing (expected: a name without spaces)",
                        "t.yaml:3: listeners[1].users: with clients.auth: none nobody says who he is (expected: clients.auth:"
                                + " passthrough)",
                        "t.yaml:3: listeners[1].address: '0.0.0.0:6390' is taken by listeners[0].address:"
                                + " '127.0.0.1:6390'",
                        "t.yaml:3: listeners[1].address: '0.0.0.0:6390' can be reached from other machines, and"
                                + " clients.auth is none (expected: a loopback address, clients.auth: passthrough,"
                                + " tls.client-auth: required, or clients.open: true)",
                        "t.yaml:8: upstream.static: set together with upstream.sentinel (expected: exactly one of"
                                + " upstream.sentinel and upstream.static)",
                        "t.yaml:10: upstream.username: set without upstream.password");
    }

    @Test
    void nothingAtAllIsMissingTheEssentials() {
        List<String> essentials = List.of(
                "t.yaml: listeners: 0 of them (expected: 1..64)",
                "t.yaml: upstream: names no servers (expected: exactly one of upstream.sentinel and upstream.static)");
        assertThat(mistakes("")).isEqualTo(essentials);
        assertThat(mistakes("# nothing\n")).isEqualTo(essentials);
    }

    @Test
    void whatIsNotYamlIsSaidWithoutQuotingIt() {
        assertThat(mistakes("upstream:\n  password: 'hunter2\n"))
                .containsExactly("t.yaml:3: not YAML: found unexpected end of stream");
        assertThat(mistakes("- a\n")).containsExactly("t.yaml:1: a list (expected: a map of settings)");
        assertThat(mistakes("a: 1\n---\nb: 2\n")).containsExactly("t.yaml:2: not YAML: but found another document");
        assertThat(mistakes("a: " + "[".repeat(1000)))
                .containsExactly("t.yaml: not YAML: nested too deeply, or with characters that YAML forbids");
        assertThat(mistakes("hold: &h {time-max: 1s}\npark: *h\n" + LISTENERS + STATIC))
                .containsExactly("t.yaml:1: has an anchor that an alias refers to (expected: the text itself, twice)");
        assertThat(mistakes("hold: &h {time-max: *h}\n" + LISTENERS + STATIC))
                .contains("t.yaml:1: has an anchor that an alias refers to (expected: the text itself, twice)");
        assertThat(mistakes("{[a]: b}")).startsWith("t.yaml:1: a key that is no text");
    }

    @Test
    void aHostileFileMakesNoEndlessReport() {
        StringBuilder yaml = new StringBuilder(LISTENERS + STATIC);
        for (int i = 0; i < 500; i++) {
            yaml.append("unknown").append(i).append(": 1\n");
        }
        assertThat(mistakes(yaml.toString())).hasSize(101).endsWith("… and 400 more");
    }

    @Test
    void leaseNeedsSentinels() {
        assertThat(mistakes(LISTENERS + STATIC + "fence: lease"))
                .containsExactly(
                        "t.yaml:3: fence: 'lease' needs sentinels, and upstream.static has none (expected: role | off)");
    }

    @Test
    void closedByDefault() throws ConfigException {
        String outside = "listeners: [{address: 0.0.0.0:6390}]\n" + SENTINEL;
        assertThat(mistakes(outside)).singleElement().asString().contains("can be reached from other machines");
        assertThat(mistakes(outside + "clients: {auth: passthrough}")).isEmpty();
        assertThat(mistakes(outside + "clients: {open: true}")).isEmpty();
        // What auth: none needs to start, passthrough needs to serve whoever says nothing.
        assertThat(open("0.0.0.0:1", "auth: passthrough")).isFalse();
        assertThat(open("0.0.0.0:1", "auth: passthrough, open: true")).isTrue();
        assertThat(open("127.0.0.1:1", "auth: passthrough")).isTrue();

        String admin = LISTENERS + SENTINEL + "admin: {address: 'redis.example:9122'";
        assertThat(mistakes(admin + "}"))
                .containsExactly("t.yaml:3: admin.address: 'redis.example:9122' can be reached from other machines"
                        + " (expected: a loopback address, admin.tls.client-auth: required, or admin.open: true)");
        assertThat(mistakes(admin + ", open: true}")).isEmpty();
        String port = LISTENERS + SENTINEL + "sentinel-port: {address: '0.0.0.0:26390'";
        assertThat(mistakes(port + "}"))
                .containsExactly("t.yaml:3: sentinel-port.address: '0.0.0.0:26390' can be reached from other machines"
                        + " (expected: a loopback address, sentinel-port.tls.client-auth: required, or sentinel-port.open:"
                        + " true)");
        assertThat(mistakes(port + ", open: true}")).isEmpty();
        assertThat(mistakes(LISTENERS + SENTINEL + "sentinel-port: {address: '127.0.0.1:6390'}"))
                .containsExactly("t.yaml:3: sentinel-port.address: '127.0.0.1:6390' is taken by listeners[0].address:"
                        + " '127.0.0.1:6390'");
    }

    private static boolean open(String address, String clients) throws ConfigException {
        String yaml = "listeners: [{address: '" + address + "'}]\nclients: {" + clients + "}\n" + STATIC;
        return ConfigLoader.parse(yaml, "t.yaml", Path.of("."), Map.of())
                .config()
                .listeners()
                .get(0)
                .open();
    }

    @Test
    void oddSetUpsAreWarnings() throws ConfigException {
        assertThat(warnings(LISTENERS + SENTINEL + "fence: off\nzone: a", Map.of()))
                .containsExactly(
                        "t.yaml:3: fence: a write acknowledged by a replaced primary can be passed on; lease prevents it",
                        "t.yaml:2: upstream.sentinel.nodes: names 1 of them; while these are down at the start, no other"
                                + " is found",
                        "t.yaml:4: zone: has no effect without zones");
        assertThat(warnings(
                        "listeners: [{address: 127.0.0.1:1, causal: user}]\n" + STATIC
                                + "fence: off\nzones: {'a:1': b}",
                        Map.of()))
                .containsExactly(
                        "t.yaml:1: listeners[0].causal: with clients.auth: none everybody is the same user, so this means"
                                + " the same as listener",
                        "t.yaml:3: fence: whatever answers is believed to be the primary",
                        "t.yaml:4: zones: has no effect without zone");
        String three = "upstream: {sentinel: {master: m, nodes: [a:1, a:2, a:3]}}";
        assertThat(warnings(LISTENERS + three, Map.of())).isEmpty();
        String counted = "listeners: [{address: 127.0.0.1:1, writes: replicated(1)}]\n";
        assertThat(warnings(counted + three, Map.of()))
                .containsExactly("t.yaml:1: listeners[0].writes: 'replicated(1)' is lost with the primary if a replica"
                        + " without it is promoted; only replicated(all) is certain");
        assertThat(warnings(counted + STATIC, Map.of()))
                .containsExactly(
                        "t.yaml:1: listeners[0].writes: 'replicated(1)' can never be met: upstream.static names 1"
                                + " nodes, and one of them is the primary");
    }

    @Test
    void aFileIsReadOrToldOf(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("tidegate.yaml");
        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ": cannot be read: there is no such file");
        Files.writeString(file, LISTENERS + STATIC + "fense: off");
        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of()))
                .hasMessageStartingWith(file + ":3: fense: unknown, did you mean 'fence'?");
        Files.writeString(file, LISTENERS + STATIC);
        assertThat(ConfigLoader.load(file, Map.of()).config()).isEqualTo(load(LISTENERS + STATIC));
        Files.writeString(file, "#".repeat(1024 * 1024 + 1));
        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of()))
                .hasMessage(file + ": too large (expected: <= 1048576 bytes)");
    }

    @Test
    void aLimitOfOneAddressAboveThatOfAllIsOdd() throws ConfigException {
        String all = LISTENERS + STATIC + "clients: {connections-max: 10, connections-per-address-max: ";
        assertThat(warnings(all + "10}", Map.of())).isEmpty();
        assertThat(warnings(all + "11}", Map.of()))
                .containsExactly(
                        "t.yaml:3: clients.connections-per-address-max: has no effect above clients.connections-max");
    }

    @Test
    void whoIsSentToAListenerBehindABalancerCannotComeIn() throws ConfigException {
        String behind = "listeners: [{address: 127.0.0.1:1, proxy-protocol: required}]\n" + STATIC;
        assertThat(warnings(behind + "sentinel-port: {address: '127.0.0.1:2'}\ncluster: {answer: on}", Map.of()))
                .containsExactly(
                        "t.yaml:3: sentinel-port.address: sends clients to listeners[0], which lets nobody in without a"
                                + " PROXY header; announce the balancer",
                        "t.yaml:4: cluster.answer: sends clients to a listener that lets nobody in without a PROXY"
                                + " header; set host to the balancer");
        assertThat(warnings(
                        behind + "sentinel-port: {address: '127.0.0.1:2', announce: ['b:1']}\n"
                                + "cluster: {answer: on, host: b}",
                        Map.of()))
                .isEmpty();
    }
}
