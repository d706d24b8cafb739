package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the routing engine takes for granted of a sentinel, asked of real ones. None of it is promised by a document; the
 * proofs in {@code io.tidegate.routing.engine} stand on it.
 */
@Tag("alone")
class SentinelFactsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void eventsAndAnswersKeepOneOrderOnOneConnection() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(5_000).start();
                Subscription subscription = new Subscription(redis.sentinels().get(0))) {
            RedisProcess sentinel = redis.sentinels().get(0);
            for (int i = 1; i <= 20; i++) {
                String timeout = Integer.toString(20_000 + i);
                subscription.client.write("SENTINEL", "MASTER", LocalRedis.MASTER_NAME);
                sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "failover-timeout", timeout);
                subscription.client.write("SENTINEL", "MASTER", LocalRedis.MASTER_NAME);
                List<String> order = new ArrayList<>();
                for (int answers = 0; answers < 2; ) {
                    RespValue next = subscription.client.read();
                    if (Subscription.isMessage(next)) {
                        order.add(Subscription.channel(next).equals("+set") ? "set" : "other");
                    } else {
                        answers++;
                        order.add(timeout.equals(fields(next).get("failover-timeout")) ? "after" : "before");
                    }
                }
                order.removeIf("other"::equals);
                assertThat(order.get(order.size() - 1)).isEqualTo("after");
                assertThat(order.indexOf("set"))
                        .as("the message stands between the answers of before and of after: %s", order)
                        .isEqualTo(order.indexOf("after") - 1);
            }
        }
    }

    /**
     * One failover, held up twice: the primary is well again while its successor, frozen, has not heard yet that it is to
     * be primary; and the other replica, frozen, keeps the leader reconfiguring.
     */
    @Test
    void aLeaderGoesOnThoughThePrimaryIsWellAgain() throws IOException {
        try (LocalRedis redis =
                        LocalRedis.builder().replicas(1).downAfterMillis(2_000).start();
                Subscription one = new Subscription(redis.sentinels().get(0));
                Subscription two = new Subscription(redis.sentinels().get(1));
                Subscription three = new Subscription(redis.sentinels().get(2))) {
            List<Subscription> all = List.of(one, two, three);
            RedisProcess primary = redis.primary();
            RedisProcess successor = redis.replicas().get(0);
            primary.freeze();
            await().atMost(PATIENCE).until(() -> heard(all, "+try-failover"));
            successor.freeze();
            await().atMost(PATIENCE).until(() -> heard(all, "+failover-state-wait-promotion"));
            Subscription leader = all.stream()
                    .filter(each -> each.payload("+failover-state-wait-promotion") != null)
                    .findFirst()
                    .orElseThrow();
            String id = leader.sentinel.command("SENTINEL", "MYID").text();

            primary.thaw();
            await().atMost(PATIENCE).until(() -> !flags(leader).contains("s_down"));
            assertThat(flags(leader))
                    .as("nobody holds the primary down any more")
                    .contains("failover_in_progress")
                    .doesNotContain("o_down");

            // Not the first if the votes of that were split.
            String epoch =
                    Objects.requireNonNull(leader.payload("+vote-for-leader")).substring(id.length() + 1);
            int votes = 0;
            for (Subscription each : all) {
                assertThat(facts(each))
                        .as("SENTINEL MASTER does not tell of the vote")
                        .doesNotContainKeys("voted-leader", "voted-leader-epoch");
                await().atMost(PATIENCE).untilAsserted(() -> {
                    each.drain();
                    assertThat(each.payload("+vote-for-leader"))
                            .as("it names a leader and an epoch, and no primary")
                            .matches("[0-9a-f]{40} " + epoch);
                });
                String voted =
                        Objects.requireNonNull(each.payload("+vote-for-leader")).substring(0, id.length());
                votes += voted.equals(id) ? 1 : 0; // a third one may have been a candidate itself
                for (int i = 0; i < 2; i++) { // asking changes nothing
                    assertThat(vote(each, primary)).containsExactly(voted, epoch);
                }
                assertThat(facts(each).get("config-epoch")).isEqualTo("0");
            }
            assertThat(votes).as("those that made it the leader").isGreaterThanOrEqualTo(2);

            successor.thaw();
            await().atMost(PATIENCE).until(() -> heard(all, "+promoted-slave"));
            assertThat(redis.awaitFailoverFrom(primary)).isEqualTo(successor);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(vote(leader, successor))
                            .as("whom the vote was for is forgotten with the switch, its epoch is not")
                            .containsExactly("*", epoch));
        }
    }

    @Test
    void aLeaderThatReconfiguresTellsTheOldAddressUnderTheNewEpoch() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
                Subscription leader = new Subscription(redis.sentinels().get(0))) {
            RedisProcess primary = redis.primary();
            leader.sentinel.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            Map<String, String> facts = new LinkedHashMap<>();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                facts.clear();
                facts.putAll(facts(leader));
                return "reconf_slaves".equals(facts.get("failover-state"));
            });
            assertThat(facts.get("port")).isEqualTo(Integer.toString(primary.port()));
            assertThat(facts.get("config-epoch")).isEqualTo("1");
            assertThat(leader.sentinel
                            .command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", LocalRedis.MASTER_NAME)
                            .elements()
                            .get(1)
                            .text())
                    .as("whom it names is the promoted one already")
                    .isNotEqualTo(Integer.toString(primary.port()));
        }
    }

    /** The replica that is not to be promoted is frozen, which keeps the leader reconfiguring. */
    @Test
    void thePromotedIsNamedByTheOthersBeforeTheLeaderSwitches() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(20_000).start();
                Subscription leader = new Subscription(redis.sentinels().get(0))) {
            RedisProcess primary = redis.primary();
            RedisProcess promoted = redis.replicas().get(0);
            RedisProcess other = redis.replicas().get(1);
            other.command("CONFIG", "SET", "replica-priority", "0");
            await().atMost(PATIENCE)
                    .until(() ->
                            leader.sentinel.command("SENTINEL", "REPLICAS", LocalRedis.MASTER_NAME).elements().stream()
                                    .map(SentinelFactsIT::fields)
                                    .anyMatch(replica -> "0".equals(replica.get("slave-priority"))));
            other.freeze();
            leader.sentinel.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            for (RedisProcess sentinel : redis.sentinels()) {
                await().atMost(PATIENCE).until(() -> named(sentinel) == promoted.port());
            }
            leader.drain();
            assertThat(leader.channels())
                    .as("the epoch is told before the failover that it is for")
                    .containsSubsequence("+new-epoch", "+try-failover", "+elected-leader", "+promoted-slave")
                    .doesNotContain("+switch-master");
            assertThat(leader.payload("+new-epoch")).isEqualTo("1");
            assertThat(leader.payload("+promoted-slave"))
                    .startsWith("slave " + promoted.endpoint() + " ")
                    .endsWith(" " + primary.port());

            other.thaw();
            await().atMost(PATIENCE).until(() -> heard(List.of(leader), "+switch-master"));
        }
    }

    @Test
    void aLeaderThatCrashesAfterThePromotionIsOverruled() throws IOException {
        try (LocalRedis redis =
                        LocalRedis.builder().replicas(1).downAfterMillis(2_000).start();
                Subscription one = new Subscription(redis.sentinels().get(1));
                Subscription two = new Subscription(redis.sentinels().get(2))) {
            RedisProcess leader = redis.sentinels().get(0);
            RedisProcess promoted = redis.replicas().get(0);
            leader.command("SENTINEL", "SIMULATE-FAILURE", "crash-after-promotion");
            leader.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            await().atMost(PATIENCE).until(() -> !leader.alive());
            assertThat(role(promoted)).isEqualTo("master");

            await().atMost(PATIENCE).until(() -> heard(List.of(one, two), "+convert-to-slave"));
            // Until its next INFO, in 1 s at the earliest, it has by its own clock how long the role had been another
            // then.
            Subscription overruling = heard(List.of(one), "+convert-to-slave") ? one : two;
            Map<String, String> node = fields(overruling
                    .sentinel
                    .command("SENTINEL", "REPLICAS", LocalRedis.MASTER_NAME)
                    .elements()
                    .get(0));
            assertThat(node.get("role-reported")).isEqualTo("master");
            assertThat(millis(node, "role-reported-time") - millis(node, "info-refresh"))
                    .as("four times the period of hello messages: %s", node)
                    .isGreaterThan(8_000);
            await().atMost(PATIENCE).until(() -> role(promoted).equals("slave"));
            assertThat(role(redis.primary())).isEqualTo("master");
            for (Subscription each : List.of(one, two)) {
                each.drain();
                assertThat(each.channels())
                        .as("the promotion was its leader's alone to tell")
                        .doesNotContain("+promoted-slave", "+switch-master");
                assertThat(facts(each).get("config-epoch")).isEqualTo("0");
            }
        }
    }

    private static long millis(Map<String, String> fields, String name) {
        return Long.parseLong(Objects.requireNonNull(fields.get(name)));
    }

    private static String role(RedisProcess server) throws IOException {
        return server.command("ROLE").elements().get(0).text();
    }

    /** The port of the primary that this sentinel names. */
    private static int named(RedisProcess sentinel) throws IOException {
        List<RespValue> address = sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", LocalRedis.MASTER_NAME)
                .elements();
        return Integer.parseInt(address.get(1).text());
    }

    private static boolean heard(List<Subscription> all, String channel) throws IOException {
        boolean heard = false;
        for (Subscription each : all) {
            each.drain();
            heard |= each.payload(channel) != null;
        }
        return heard;
    }

    private static Map<String, String> facts(Subscription subscription) throws IOException {
        return fields(subscription.sentinel.command("SENTINEL", "MASTER", LocalRedis.MASTER_NAME));
    }

    private static String flags(Subscription subscription) throws IOException {
        return facts(subscription).getOrDefault("flags", "");
    }

    /** Leader and epoch of the last vote, read as the control plane reads it. */
    private static List<String> vote(Subscription subscription, RedisProcess primary) throws IOException {
        List<RespValue> answer = subscription
                .sentinel
                .command(
                        "SENTINEL",
                        "IS-MASTER-DOWN-BY-ADDR",
                        "127.0.0.1",
                        Integer.toString(primary.port()),
                        "0",
                        "tidegate")
                .elements();
        return List.of(answer.get(1).text(), Long.toString(answer.get(2).integer()));
    }

    private static Map<String, String> fields(RespValue reply) {
        Map<String, String> fields = new LinkedHashMap<>();
        List<RespValue> flat = reply.elements();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).text(), flat.get(i + 1).text());
        }
        return fields;
    }

    /** A subscription to all that one sentinel says, and what it said last on each channel. */
    private static final class Subscription implements AutoCloseable {
        final RedisProcess sentinel;
        final RedisCommandClient client;
        private final Map<String, String> latest = new LinkedHashMap<>();

        Subscription(RedisProcess sentinel) throws IOException {
            this.sentinel = sentinel;
            client = sentinel.connect();
            client.command("HELLO", "3");
            client.command("PSUBSCRIBE", "*");
        }

        static boolean isMessage(RespValue value) {
            return value instanceof RespValue.Push;
        }

        static String channel(RespValue message) {
            return message.elements().get(2).text();
        }

        /** Takes what has come so far: everything that was said before the answer to a question asked now. */
        void drain() throws IOException {
            client.write("PING");
            for (RespValue next = client.read(); isMessage(next); next = client.read()) {
                latest.put(channel(next), next.elements().get(3).text());
            }
        }

        /** The channels in the order in which they were first heard. */
        List<String> channels() {
            return List.copyOf(latest.keySet());
        }

        @Nullable String payload(String channel) {
            return latest.get(channel);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
