package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.SENTINEL;
import static io.tidegate.proxy.config.Configs.STATIC;
import static io.tidegate.proxy.config.Configs.mistakes;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For every setting texts that are read and texts that are not, from the file and from the environment. */
final class SettingPairsTest {
    /**
     * What may and what may not stand behind one setting.
     *
     * @param rest the rest of a configuration in which the setting makes sense, with %s where its value goes
     */
    record Pairs(Setting<?> setting, String rest, List<String> good, List<String> bad) {
        @Override
        public String toString() {
            return setting.path();
        }
    }

    private static final List<String> COUNTS = List.of("-1", "1.5", "1e3", "many", "99999999999", "[1]", "{a: 1}", "");
    private static final List<String> DURATIONS =
            List.of("5", "-1s", "1 s", "1d", "99h", "0.5s", "forever", "9999999999s", "[1s]", "");
    private static final List<String> SIZES = List.of("5", "-1B", "64MB", "1 GiB", "2TiB", "999999GiB", "[1B]", "");
    private static final List<String> FLAGS = List.of("yes", "on", "1", "TRUE", "[true]", "");
    private static final List<String> WORDS = List.of("'a b'", "''", "[a]", "{a: b}", "");
    private static final List<String> BINDS =
            List.of("6390", "'host'", "'::1:6390'", "'a:b'", "'127.0.0.1:65536'", "'127.0.0.1:-1'");
    private static final List<String> NODES =
            List.of("'a:1'", "[]", "[a]", "['a:0']", "['a:1', 'a:1']", "['a:65536']", "[['a:1']]");
    private static final List<String> SECRETS =
            List.of("''", "[a]", "{}", "{file: /nowhere/at/all}", "{env: NOT_SET}", "{is: a}", "");

    private static final List<String> FILES = List.of("''", "[a]", "{a: b}", "/nowhere/at/all", "");

    static Stream<Pairs> pairs() {
        return Stream.of(listeners(), upstreams(), tls(), limits(), others(), process())
                .flatMap(Function.identity());
    }

    private static Stream<Pairs> tls() {
        String nodes = LISTENERS + "upstream: {static: {nodes: ['127.0.0.1:6379']}, tls: {%s}}\n";
        String sentinels = LISTENERS + "upstream: {sentinel: {master: m, nodes: ['127.0.0.1:26379'], tls: {%s}}}\n";
        List<String> file = List.of("pom.xml", "../pom.xml");
        List<String> clients = List.of("none", "optional", "required");
        String port = "address: 127.0.0.1:1, tls: {certificate: ";
        return Stream.of(
                        Stream.of(
                                listener(ListenerTable.TLS.certificate(), port + "%s, key: pom.xml}", file, FILES),
                                listener(ListenerTable.TLS.key(), port + "pom.xml, key: %s}", file, FILES),
                                listener(
                                        ListenerTable.TLS.clientCa(),
                                        port + "pom.xml, key: pom.xml, client-auth: required, client-ca: %s}",
                                        file,
                                        FILES),
                                listener(
                                        ListenerTable.TLS.clientAuth(),
                                        port + "pom.xml, key: pom.xml, client-ca: pom.xml, client-auth: %s}",
                                        clients,
                                        List.of("require", "None", "[none]", ""))),
                        port(ProcessTable.ADMIN_TLS),
                        port(ProcessTable.SENTINEL_PORT_TLS),
                        servers(
                                nodes,
                                UpstreamTable.TLS.ca(),
                                UpstreamTable.TLS.certificate(),
                                UpstreamTable.TLS.key(),
                                UpstreamTable.TLS.verify(),
                                UpstreamTable.TLS.serverName()),
                        servers(
                                sentinels,
                                UpstreamTable.SENTINEL_TLS.ca(),
                                UpstreamTable.SENTINEL_TLS.certificate(),
                                UpstreamTable.SENTINEL_TLS.key(),
                                UpstreamTable.SENTINEL_TLS.verify(),
                                UpstreamTable.SENTINEL_TLS.serverName()))
                .flatMap(Function.identity());
    }

    private static Stream<Pairs> port(ServerTlsGroup tls) {
        List<String> file = List.of("pom.xml", "../pom.xml");
        return Stream.of(
                top(tls.certificate(), "{address: '127.0.0.1:1', tls: {key: pom.xml, certificate: %s}}", file, FILES),
                top(tls.key(), "{address: '127.0.0.1:1', tls: {certificate: pom.xml, key: %s}}", file, FILES),
                top(
                        tls.clientCa(),
                        "{address: '127.0.0.1:1', tls: {certificate: pom.xml, key: pom.xml, client-auth: required,"
                                + " client-ca: %s}}",
                        file,
                        FILES),
                top(
                        tls.clientAuth(),
                        "{address: '127.0.0.1:1', tls: {certificate: pom.xml, key: pom.xml, client-ca: pom.xml,"
                                + " client-auth: %s}}",
                        List.of("none", "optional", "required"),
                        List.of("require", "None", "[none]", "")));
    }

    private static Stream<Pairs> servers(
            String rest,
            Setting<?> authorities,
            Setting<?> certificate,
            Setting<?> key,
            Setting<?> verify,
            Setting<?> name) {
        List<String> file = List.of("pom.xml", "../pom.xml");
        return Stream.of(
                new Pairs(authorities, rest.formatted("ca: %s"), List.of("pom.xml", "system"), FILES),
                new Pairs(certificate, rest.formatted("ca: system, key: pom.xml, certificate: %s"), file, FILES),
                new Pairs(key, rest.formatted("ca: system, certificate: pom.xml, key: %s"), file, FILES),
                new Pairs(
                        verify,
                        rest.formatted("ca: system, verify: %s"),
                        List.of("full", "ca"),
                        List.of("none", "Full", "[ca]", "")),
                new Pairs(
                        name,
                        rest.formatted("ca: system, server-name: %s"),
                        List.of("redis.example", "redis.test"),
                        WORDS));
    }

    private static Stream<Pairs> listeners() {
        return Stream.of(
                listener(ListenerTable.ADDRESS, "address: %s", List.of("'[::1]:0'", "localhost:1"), BINDS),
                listener(
                        ListenerTable.CONSISTENCY,
                        "address: 127.0.0.1:1, consistency: %s",
                        List.of("eventual", "bounded(1us)", "bounded(2s)", "session", "strong"),
                        List.of("Session", "bounded", "bounded(0ms)", "bounded(200)", "bounded(-1ms)", "[strong]")),
                listener(
                        ListenerTable.CAUSAL,
                        "address: 127.0.0.1:1, causal: %s",
                        List.of("connection", "user", "listener"),
                        List.of("session", "Connection", "[user]")),
                listener(
                        ListenerTable.WRITES,
                        "address: 127.0.0.1:1, writes: %s",
                        List.of("acknowledged", "replicated(1)", "replicated(all)"),
                        List.of(
                                "all",
                                "replicated",
                                "replicated(0)",
                                "replicated(-1)",
                                "Acknowledged",
                                "[acknowledged]")),
                new Pairs(
                        ListenerTable.USERS,
                        STATIC + "clients: {auth: passthrough}\nlisteners:\n  - {address: 127.0.0.1:1, users: %s}\n",
                        List.of("[app]", "[default, Reader]"),
                        List.of("app", "[]", "['a b']", "[[app]]", "{a: b}", "[app, app]")),
                listener(
                        ListenerTable.READ_ONLY,
                        "address: 127.0.0.1:1, read-only: %s",
                        List.of("true", "false"),
                        FLAGS),
                listener(
                        ListenerTable.ALLOW,
                        "address: 127.0.0.1:1, allow: %s",
                        List.of("[debug]", "['config|set', flushall]"),
                        List.of("debug", "[]", "['a b']", "[[debug]]", "{a: b}")),
                listener(
                        ListenerTable.DENY,
                        "address: 127.0.0.1:1, deny: %s",
                        List.of("[keys]", "['config|get', eval]"),
                        List.of("keys", "[]", "['a b']", "[[keys]]", "{a: b}")),
                listener(
                        ListenerTable.PROXY_PROTOCOL,
                        "address: 127.0.0.1:1, proxy-protocol: %s",
                        List.of("off", "required"),
                        List.of("on", "true", "Required", "[off]", "")),
                listener(
                        ListenerTable.MAX_LOSS,
                        "address: 127.0.0.1:1, max-loss: %s",
                        List.of("1ms", "200ms", "1h"),
                        with(DURATIONS, "0ms", "2h")));
    }

    private static Stream<Pairs> upstreams() {
        return Stream.of(
                upstream(
                        UpstreamTable.SENTINEL_MASTER,
                        "sentinel: {nodes: ['a:1'], master: %s}",
                        List.of("mymaster", "7", "a.b-c_d"),
                        WORDS),
                upstream(
                        UpstreamTable.SENTINEL_NODES,
                        "sentinel: {master: m, nodes: %s}",
                        List.of("['a:1', '[::1]:2']", "['a:1']"),
                        NODES),
                upstream(
                        UpstreamTable.SENTINEL_USERNAME,
                        "sentinel: {master: m, nodes: ['a:1'], password: p, username: %s}",
                        List.of("u", "v"),
                        WORDS),
                upstream(
                        UpstreamTable.SENTINEL_PASSWORD,
                        "sentinel: {master: m, nodes: ['a:1'], password: %s}",
                        List.of("p", "' '", "{env: SET}"),
                        SECRETS),
                upstream(
                        UpstreamTable.STATIC_RESTART,
                        "static: {nodes: ['a:1'], restart: %s}",
                        List.of("accept", "fence"),
                        List.of("yes", "Accept", "[fence]", "")),
                upstream(
                        UpstreamTable.STATIC_NODES, "static: {nodes: %s}", List.of("['a:1', 'b:1']", "['a:1']"), NODES),
                upstream(
                        UpstreamTable.USERNAME,
                        "password: p, username: %s, static: {nodes: ['a:1']}",
                        List.of("u", "v"),
                        WORDS),
                upstream(
                        UpstreamTable.PASSWORD,
                        "static: {nodes: ['a:1']}, password: %s",
                        List.of("p", "0123", "{env: SET}"),
                        SECRETS),
                upstream(
                        UpstreamTable.CONNECT_TIMEOUT,
                        "static: {nodes: ['a:1']}, connect-timeout: %s",
                        List.of("10ms", "1m", "200000us"),
                        with(DURATIONS, "9ms", "2m")),
                upstream(
                        UpstreamTable.REPLY_TIMEOUT,
                        "static: {nodes: ['a:1']}, reply-timeout: %s",
                        List.of("10ms", "1h"),
                        with(DURATIONS, "9ms", "2h")));
    }

    private static Stream<Pairs> limits() {
        return Stream.of(
                top(
                        UpstreamTable.FENCE,
                        "%s",
                        List.of("confirm", "lease", "role", "off"),
                        List.of("on", "false", "Lease", "[off]", "")),
                top(UpstreamTable.ACTIVE_FENCE, "%s", List.of("on", "off"), List.of("true", "On", "[on]", "")),
                top(UpstreamTable.FENCE_MARGIN, "%s", List.of("0ms", "10s"), with(DURATIONS, "11s")),
                top(ClientTable.AUTH, "{auth: %s}", List.of("none", "passthrough"), List.of("yes", "[none]", "")),
                top(ClientTable.CLIENTS_OPEN, "{open: %s}", List.of("true", "false"), FLAGS),
                top(ClientTable.CONNECTIONS_MAX, "{connections-max: %s}", List.of("1", "1000000"), with(COUNTS, "0")),
                top(
                        ClientTable.CONNECTIONS_PER_ADDRESS_MAX,
                        "{connections-per-address-max: %s}",
                        List.of("0", "1000000"),
                        COUNTS),
                top(
                        ClientTable.OUTPUT_BUFFER_MAX,
                        "{output-buffer-max: %s}",
                        List.of("64KiB", "64GiB"),
                        with(SIZES, "1KiB")),
                top(
                        ClientTable.SUBSCRIBER_BUFFER_MAX,
                        "{subscriber-buffer-max: %s}",
                        List.of("64KiB", "64GiB"),
                        with(SIZES, "1KiB")),
                top(
                        ClientTable.SUBSCRIBER_BUFFER_SOFT_MAX,
                        "{subscriber-buffer-soft-max: %s}",
                        List.of("64KiB", "64GiB"),
                        with(SIZES, "1KiB")),
                top(
                        ClientTable.SUBSCRIBER_SOFT_TIME,
                        "{subscriber-soft-time: %s}",
                        List.of("1s", "24h"),
                        with(DURATIONS, "0ms")),
                top(
                        ClientTable.SUBSCRIPTIONS_MAX,
                        "{subscriptions-max: %s}",
                        List.of("64KiB", "64GiB"),
                        with(SIZES, "1KiB")),
                top(
                        ClientTable.QUERY_BUFFER_MAX,
                        "{query-buffer-max: %s}",
                        List.of("512MiB", "1GiB"),
                        with(SIZES, "2GiB")),
                top(ClientTable.BULK_MAX, "{bulk-max: %s}", List.of("1KiB", "1GiB"), with(SIZES, "1B", "2GiB")),
                top(ClientTable.IN_FLIGHT_MAX, "{in-flight-max: %s}", List.of("1", "1048576"), with(COUNTS, "0")),
                top(
                        ClientTable.HANDSHAKE_TIMEOUT,
                        "{handshake-timeout: %s}",
                        List.of("100ms", "10m"),
                        with(DURATIONS, "99ms", "11m")),
                top(ClientTable.IDLE_TIMEOUT, "{idle-timeout: %s}", List.of("0ms", "24h"), with(DURATIONS, "25h")),
                top(ClientTable.REQUEST_TIMEOUT, "{request-timeout: %s}", List.of("0ms", "1h"), with(DURATIONS, "2h")),
                top(ClientTable.WRITE_TIMEOUT, "{write-timeout: %s}", List.of("0ms", "24h"), with(DURATIONS, "25h")),
                top(TrafficTable.HOLD_TIME_MAX, "{time-max: %s}", List.of("0ms", "10m"), with(DURATIONS, "11m")),
                top(TrafficTable.HOLD_REQUESTS_MAX, "{requests-max: %s}", List.of("0", "16777216"), COUNTS),
                top(TrafficTable.HOLD_BYTES_MAX, "{bytes-max: %s}", List.of("0B", "64GiB"), SIZES),
                top(TrafficTable.HOLD_DRAIN_RATE, "{drain-rate: %s}", List.of("1", "10000000"), with(COUNTS, "0")),
                top(TrafficTable.HOLD_DRY_RUN, "{dry-run: %s}", List.of("true", "false"), FLAGS),
                top(TrafficTable.PARK_TIME_MAX, "{time-max: %s}", List.of("0ms", "10m"), with(DURATIONS, "11m")),
                top(TrafficTable.PARK_REPLIES_MAX, "{replies-max: %s}", List.of("0", "16777216"), COUNTS),
                top(TrafficTable.PARK_BYTES_MAX, "{bytes-max: %s}", List.of("0B", "64GiB"), SIZES));
    }

    private static Stream<Pairs> others() {
        return Stream.of(
                top(TrafficTable.MAX_LAG, "{max-lag: %s}", List.of("1ms", "24h"), with(DURATIONS, "0ms")),
                top(TrafficTable.SETTLE, "{settle: %s}", List.of("0ms", "1s"), with(DURATIONS, "2s")),
                top(TrafficTable.SILENCE_MAX, "{silence-max: %s}", List.of("10ms", "1m"), with(DURATIONS, "9ms", "2m")),
                top(TrafficTable.PROBATION, "{probation: %s}", List.of("0ms", "10m"), with(DURATIONS, "11m")),
                top(
                        TrafficTable.STRONG,
                        "{strong: %s}",
                        List.of("primary", "replica"),
                        List.of("any", "Primary", "[replica]", "")),
                top(TrafficTable.SPILL_OUTSTANDING, "{spill-outstanding: %s}", List.of("0", "1000000"), COUNTS),
                top(TrafficTable.SPILL_MAX, "{spill-max: %s}", List.of("1", "1048576"), COUNTS),
                top(TrafficTable.SCRIPTS_BYTES_MAX, "{bytes-max: %s}", List.of("0B", "1GiB"), with(SIZES, "2GiB")),
                top(TrafficTable.SCRIPTS_COUNT_MAX, "{count-max: %s}", List.of("1", "1048576"), with(COUNTS, "0")),
                top(
                        TrafficTable.COMMANDS_ALLOW,
                        "{allow: %s}",
                        List.of("[DEBUG]", "['config|set', shutdown]"),
                        List.of("debug", "[]", "['a b']", "[a, A]", "['a|b|c']", "['|a']", "")),
                top(
                        TrafficTable.CLUSTER_ANSWER,
                        "{answer: %s}",
                        List.of("on", "off"),
                        List.of("yes", "ON", "true", "[on]", "")),
                top(TrafficTable.CLUSTER_HOST, "{host: %s}", List.of("tier.example", "10.0.0.1", "'::1'"), WORDS));
    }

    private static Stream<Pairs> process() {
        return Stream.of(
                top(ProcessTable.SENTINEL_PORT_ADDRESS, "{address: %s}", List.of("127.0.0.1:0", "'[::1]:9122'"), BINDS),
                top(
                        ProcessTable.SENTINEL_PORT_MASTER,
                        "{address: '127.0.0.1:0', master: %s}",
                        List.of("mymaster", "cache"),
                        WORDS),
                top(
                        ProcessTable.SENTINEL_PORT_ANNOUNCE,
                        "{address: '127.0.0.1:0', announce: %s}",
                        List.of("['a:1']", "['a:1', '[::1]:2']"),
                        List.of("a:1", "[a]", "[]", "['a:1', 'a:1']", "['a:0']", "")),
                top(
                        ProcessTable.SENTINEL_PORT_OPEN,
                        "{address: '127.0.0.1:0', open: %s}",
                        List.of("true", "false"),
                        FLAGS),
                top(ProcessTable.ZONE, "%s", List.of("eu-1a", "eu-1b"), WORDS),
                top(
                        ProcessTable.ZONES,
                        "%s",
                        List.of("{'a:1': x}", "{'a:1': x, 'b:1': y}", "{}"),
                        List.of("x", "['a:1']", "{a: x}", "{'a:1': 'x y'}", "{'a:1': }", "{'a:1': [x]}", "")),
                top(ProcessTable.DRAIN_DELAY, "{delay: %s}", List.of("0ms", "1h"), with(DURATIONS, "2h")),
                top(ProcessTable.DRAIN_TIME_MAX, "{time-max: %s}", List.of("0ms", "1h"), with(DURATIONS, "2h")),
                top(ProcessTable.REUSE_PORT, "%s", List.of("true", "false"), FLAGS),
                top(ProcessTable.EVENT_LOOPS, "%s", List.of("0", "1024"), with(COUNTS, "1025")),
                top(
                        ProcessTable.TRANSPORT,
                        "%s",
                        List.of("auto", "io_uring", "epoll", "nio"),
                        List.of("uring", "NIO", "io-uring", "[nio]", "")),
                top(ProcessTable.ADMIN_ADDRESS, "{address: %s}", List.of("127.0.0.1:0", "'[::1]:9122'"), BINDS),
                top(ProcessTable.ADMIN_OPEN, "{open: %s}", List.of("true", "false"), FLAGS),
                top(
                        ProcessTable.ADMIN_TOKEN,
                        "{address: '127.0.0.1:0', token: %s}",
                        List.of("0123456789abcdef", "fedcba9876543210"),
                        with(SECRETS, "0123456789abcde")),
                top(
                        ProcessTable.ADMIN_READY,
                        "{ready: %s}",
                        List.of("once", "primary", "any"),
                        List.of("true", "Once", "[any]", "")),
                top(ProcessTable.SLOWLOG_SLOWER_THAN, "{slower-than: %s}", List.of("0ms", "1h"), with(DURATIONS, "2h")),
                top(
                        ProcessTable.SLOWLOG_ENTRIES_MAX,
                        "{entries-max: %s}",
                        List.of("0", "65536"),
                        with(COUNTS, "65537")),
                top(ProcessTable.HOTKEYS_SAMPLE_EVERY, "{sample-every: %s}", List.of("0", "1", "1000000"), COUNTS),
                top(
                        ProcessTable.LOG_FORMAT,
                        "{format: %s}",
                        List.of("text", "json"),
                        List.of("xml", "JSON", "[json]", "")),
                top(
                        ProcessTable.LOG_LEVEL,
                        "{level: %s}",
                        List.of("trace", "debug", "info", "warn", "error", "off"),
                        List.of("INFO", "all", "1", "[info]", "")),
                top(
                        ProcessTable.METRICS_BACKEND,
                        "{backend: %s}",
                        List.of("on", "off"),
                        List.of("true", "On", "[on]", "")));
    }

    @Test
    void everySettingHasPairs() {
        assertThat(pairs().map(pairs -> pairs.setting.path()).collect(toSet()))
                .isEqualTo(SettingTable.ALL.stream().map(Setting::path).collect(toSet()));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whatIsAllowedIsReadAndWhatIsNotIsToldWithItsPathAndPlace(Pairs pairs) {
        String path = Values.path(pairs.setting, 0);
        Map<String, String> variables = Map.of("SET", "secret");
        for (String text : pairs.good) {
            assertThat(mistakes(pairs.rest.formatted(text), variables)).as(text).isEmpty();
        }
        for (String text : pairs.bad) {
            assertThat(mistakes(pairs.rest.formatted(text), variables))
                    .as(text)
                    .allSatisfy(mistake -> assertThat(mistake)
                            .matches("(?s)t\\.yaml:\\d+: \\Q" + path + "\\E[^ ]*: .+")
                            .containsAnyOf("(expected: ", "twice", "is not set", "does not exist"));
            assertThat(mistakes(pairs.rest.formatted(text), variables)).as(text).isNotEmpty();
        }
    }

    private static List<String> with(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }

    private static Pairs listener(Setting<?> setting, String inner, List<String> good, List<String> bad) {
        return new Pairs(setting, STATIC + "listeners:\n  - {" + inner + "}\n", good, bad);
    }

    private static Pairs upstream(Setting<?> setting, String inner, List<String> good, List<String> bad) {
        return new Pairs(setting, LISTENERS + "upstream: {" + inner + "}\n", good, bad);
    }

    private static Pairs top(Setting<?> setting, String value, List<String> good, List<String> bad) {
        String key = setting.path().replaceFirst("\\..*", "");
        return new Pairs(setting, LISTENERS + SENTINEL + key + ": " + value + "\n", good, bad);
    }
}
