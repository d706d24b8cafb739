package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Somebody who has a proxy change the primary ({@code PROXY SWITCHOVER}), and asks it about that, over one connection. */
final class Operator implements AutoCloseable {
    /** What a proxy is configured with that does as it is told. */
    static final String ALLOWED = "commands: {allow: ['proxy|switchover', 'proxy|fence']}\n";

    private static final int CLIENTS = 6;

    private final InetSocketAddress address;
    private final RedisCommandClient client;

    private Operator(InetSocketAddress address) throws IOException {
        this.address = address;
        this.client = RedisCommandClient.connect(address, Stack.PATIENCE);
    }

    static Operator at(InetSocketAddress address) throws IOException {
        return new Operator(address);
    }

    /** Waits until this primary, told to by FAILOVER, is about to. */
    static void awaitHandingOver(RedisProcess primary) {
        await().atMost(Stack.PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            try (RedisCommandClient client = primary.connect()) {
                return "failover-in-progress".equals(client.info("replication").get("master_failover_state"));
            }
        });
    }

    /** Another one of the same proxy. */
    Operator onlooker() throws IOException {
        return at(address);
    }

    RespValue command(String... words) throws IOException {
        return client.command(words);
    }

    /** Its report, once it is over; an error if it did not come to what was wanted. */
    List<String> switchOver(String... arguments) throws IOException {
        begin(arguments);
        return report();
    }

    void begin(String... arguments) throws IOException {
        client.write(words(arguments));
    }

    /** Of what was begun, once it is over. */
    List<String> report() throws IOException {
        return lines(client.read());
    }

    /** The same, be it an error or not. */
    String told() throws IOException {
        try {
            return String.join("\n", report());
        } catch (RedisErrorException e) {
            return e.getMessage();
        }
    }

    void assertEnded(String... why) {
        assertThatThrownBy(client::read)
                .isInstanceOf(RedisErrorException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(why));
    }

    void refused(String why, String... arguments) {
        assertThatThrownBy(() -> client.command(words(arguments)))
                .isInstanceOf(RedisErrorException.class)
                .hasMessageContaining(why);
    }

    /** Waits until nothing speaks against it: for all that is known, every node is in its part. */
    void awaitReady(String... arguments) {
        String[] dryRun = Stream.concat(Stream.of(words(arguments)), Stream.of("DRY", "RUN"))
                .toArray(String[]::new);
        await().atMost(Stack.PATIENCE)
                .ignoreExceptionsInstanceOf(RedisErrorException.class)
                .until(() -> {
                    client.command(dryRun);
                    return true;
                });
    }

    /** Waits until one of the steps says so; those so far. */
    List<String> awaitStep(String what) {
        return await().atMost(Stack.PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> lines(client.command("PROXY", "SWITCHOVER", "STATUS")),
                        steps -> steps.stream().anyMatch(step -> step.contains(what)));
    }

    ToldFailover lastFailover() throws IOException {
        List<RespValue> failovers = client.command("PROXY", "FAILOVERS").elements();
        return ToldFailover.of(failovers.get(failovers.size() - 1));
    }

    /** Two proxies are told at once: one switches, the other changes nothing, and no client of either notices. */
    static void assertOneOfTwoSwitches(Operator one, Operator other, Callable<RedisProcess> primary) throws Exception {
        try (Increments ours = Increments.begin(CLIENTS, one.address);
                Increments theirs = Increments.begin(CLIENTS, other.address)) {
            ours.awaitEach(200);
            theirs.awaitEach(200);
            one.awaitReady();
            other.awaitReady();
            one.begin();
            other.begin();
            List<String> told = List.of(one.told(), other.told());

            assertThat(told).filteredOn(each -> each.contains("switched to ")).hasSize(1);
            assertThat(told)
                    .filteredOn(each -> each.contains("not switched, nothing was changed: "))
                    .hasSize(1);
            ours.goesOn(primary.call());
            theirs.goesOn(primary.call());
        }
    }

    static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).collect(Collectors.toList());
    }

    private static String[] words(String... arguments) {
        return Stream.concat(Stream.of("PROXY", "SWITCHOVER"), Stream.of(arguments))
                .toArray(String[]::new);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
