package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Node;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A whole Tidegate in front of real servers and sentinels, with one listener per level; everything ends with it. */
public final class Stack implements AutoCloseable {
    /** Sentinels on a machine that stood still do nothing for 30 s. */
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    public final LocalRedis redis;
    public final Tidegate tidegate;

    private Stack(LocalRedis redis, Tidegate tidegate) {
        this.redis = redis;
        this.tidegate = tidegate;
    }

    /**
     * One primary, two replicas, three sentinels; ready when all can be used. The sentinels call a server down after two
     * seconds: a sentinel opens a lost link again only once a second, and a promoted server drops all links, so with less
     * they would see a second failover now and then.
     */
    public static Stack start() {
        return start("");
    }

    /** The same, with more lines of configuration. */
    public static Stack start(String moreConfig) {
        return before(LocalRedis.builder().downAfterMillis(2_000).start(), moreConfig);
    }

    /** With one listener, of level session, and a port that answers as a sentinel and names it. */
    public static Stack withSentinelPort() {
        LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
        Stack stack = over(
                redis,
                "sentinel: {master: %s, nodes: [%s]}".formatted(LocalRedis.MASTER_NAME, sentinels(redis)),
                "sentinel-port: {address: \"127.0.0.1:0\"}");
        await().atMost(PATIENCE).until(stack::ready);
        return stack;
    }

    private static String sentinels(LocalRedis redis) {
        return redis.sentinels().stream()
                .map(sentinel -> '"' + sentinel.endpoint() + '"')
                .collect(Collectors.joining(", "));
    }

    /** In front of servers that a test wants otherwise; they end with it. */
    public static Stack before(LocalRedis redis, String moreConfig) {
        return before(redis, "acknowledged", moreConfig);
    }

    /** With this rule for the writes of the listener of level session. */
    static Stack before(LocalRedis redis, String writes, String moreConfig) {
        try {
            ConfigLoader.Loaded loaded = config(redis, writes, moreConfig);
            Stack stack = new Stack(redis, Tidegate.start(loaded, () -> loaded));
            await().atMost(PATIENCE).until(stack::ready);
            return stack;
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw new IllegalStateException("Tidegate did not start", e);
        }
    }

    /**
     * Tidegate in front of servers that are there already, without sentinels; ready when writes go to one.
     *
     * @param nodes what it is told, as {@code host:port}
     * @param staticConfig more of {@code upstream.static}, with a comma before it
     */
    public static Stack plain(LocalRedis redis, List<String> nodes, String staticConfig, String moreConfig) {
        Stack stack = unready(redis, nodes, staticConfig, moreConfig);
        await().atMost(PATIENCE).until(() -> stack.tidegate.table().writes().open());
        return stack;
    }

    /** The same, whatever it finds. */
    public static Stack unready(LocalRedis redis, List<String> nodes, String staticConfig, String moreConfig) {
        return over(
                redis, "static: {nodes: [\"%s\"]%s}".formatted(String.join("\", \"", nodes), staticConfig), moreConfig);
    }

    /** Tidegate with one listener over any upstream, whatever it finds; {@code redis} ends with it. */
    static Stack over(LocalRedis redis, String upstream, String moreConfig) {
        try {
            return new Stack(redis, Tidegate.start(parse("""
                listeners: [{address: "127.0.0.1:0"}]
                upstream: {reply-timeout: 1s, %s}
                reads: {silence-max: 1s}
                %s
                """.formatted(upstream, moreConfig))));
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw new IllegalStateException("Tidegate did not start", e);
        }
    }

    public static TidegateConfig config(LocalRedis redis, String moreConfig) {
        return config(redis, "acknowledged", moreConfig).config();
    }

    private static ConfigLoader.Loaded config(LocalRedis redis, String writes, String moreConfig) {
        return loaded("""
            listeners:
              - {address: "127.0.0.1:0", consistency: eventual}
              - {address: "127.0.0.1:0", consistency: bounded(200ms)}
              - {address: "127.0.0.1:0", consistency: session, writes: %s}
              - {address: "127.0.0.1:0", consistency: strong}
            upstream:
              sentinel: {master: %s, nodes: [%s]}
            %s
            """.formatted(writes, LocalRedis.MASTER_NAME, sentinels(redis), moreConfig));
    }

    public static TidegateConfig parse(String yaml) {
        return loaded(yaml).config();
    }

    private static ConfigLoader.Loaded loaded(String yaml) {
        try {
            return ConfigLoader.parse(yaml, "test", Path.of("."), Map.of());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private boolean ready() {
        return tidegate.table().writes().open()
                && tidegate.table().replicas().size() == redis.replicas().size()
                && tidegate.table().replicas().stream().allMatch(replica -> replica.health() == RouteReason.ELIGIBLE);
    }

    public InetSocketAddress address(ReadLevel.Kind level) {
        return listener(level).address().socketAddress();
    }

    private Listener listener(ReadLevel.Kind level) {
        return tidegate.listeners().stream()
                .filter(listener -> listener.level().kind() == level)
                .findFirst()
                .orElseThrow();
    }

    public RedisCommandClient connect(ReadLevel.Kind level) throws IOException {
        return RedisCommandClient.connect(address(level), PATIENCE);
    }

    public List<RedisProcess> servers() {
        return redis.servers();
    }

    /** Whether a write over the listener of level session is acknowledged only once replicas hold it. */
    boolean waitsForReplicas() {
        return listener(ReadLevel.Kind.SESSION).durability().asksReplicas();
    }

    /** The server that the proxy takes for the primary now; null while it knows none. */
    public @Nullable RedisProcess primary() {
        Node primary = tidegate.table().primary();
        return redis.servers().stream()
                .filter(server ->
                        primary != null && server.port() == primary.address().port())
                .findFirst()
                .orElse(null);
    }

    /**
     * Waits until the proxy uses another primary.
     *
     * @return when it did, on the JVM's clock; what was acknowledged on the old one was answered before
     */
    public long awaitOtherPrimary(RedisProcess old) {
        await().atMost(PATIENCE).until(() -> {
            RedisProcess primary = primary();
            return primary != null
                    && !primary.equals(old)
                    && tidegate.table().writes().open();
        });
        return System.nanoTime();
    }

    /**
     * Waits until the proxy uses a later claim than that of {@code epoch}. It may be of the same primary: sentinels that are
     * joined again sometimes fail over once more, back to that one, before the proxy has heard of the other.
     */
    void awaitClaimAfter(long epoch) {
        await().atMost(PATIENCE)
                .until(() -> tidegate.table().epoch() > epoch
                        && tidegate.table().writes().open());
    }

    /** Waits until replies of the primary are proven in advance, which takes 22 s of listening to the sentinels. */
    public void awaitLease() {
        await().atMost(PATIENCE)
                .until(() -> tidegate.table().evidenceNanos() > tidegate.clock().nowNanos());
    }

    /** Waits until this server is a replica that is up to its primary. */
    public static void awaitReplica(RedisProcess server) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (RedisCommandClient client = server.connect()) {
                return "up".equals(client.info("replication").get("master_link_status"));
            }
        });
    }

    /**
     * Makes every server that is not the primary now its replica, starting what was killed: the sentinels do so only after
     * some 10 s, and until then promote a primary with data of its own.
     */
    void completeReplicas() throws IOException {
        RedisProcess primary = primary();
        assertThat(primary).isNotNull();
        for (RedisProcess server : redis.servers()) {
            if (!server.equals(primary)) {
                follow(server, primary);
            }
        }
    }

    private static void follow(RedisProcess server, RedisProcess primary) throws IOException {
        if (!server.alive()) {
            server.restart();
        }
        server.command("REPLICAOF", primary.address().getHostString(), Integer.toString(primary.port()));
        awaitReplica(server);
    }

    /** How many connections to this server wait in a command that blocks. */
    public static long blockedClients(RedisProcess server) throws IOException {
        try (RedisCommandClient client = server.connect()) {
            return Long.parseLong(client.info("clients").getOrDefault("blocked_clients", "0"));
        }
    }

    /** How many rounds of probes there were; one begins when the primary has answered the one before. */
    public static double probeRounds(Tidegate tidegate) throws IOException, InterruptedException {
        return get(tidegate, "/metrics")
                .lines()
                .filter(line -> line.startsWith("tidegate_probe_rounds_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    /** What the admin port answers. */
    static String get(Tidegate tidegate, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + tidegate.adminAddress() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** How often a server executed a command, by its own count. */
    public static long calls(RedisProcess server, String command) throws IOException {
        try (RedisCommandClient client = server.connect()) {
            String stats = client.info("commandstats").getOrDefault("cmdstat_" + command.toLowerCase(Locale.ROOT), "");
            Matcher calls = Pattern.compile("(^|,)calls=(\\d+)").matcher(stats);
            return calls.find() ? Long.parseLong(calls.group(2)) : 0;
        }
    }

    @Override
    public void close() {
        tidegate.close();
        redis.close();
    }
}
