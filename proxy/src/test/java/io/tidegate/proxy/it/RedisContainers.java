package io.tidegate.proxy.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** A primary, two replicas and three sentinels, each in a container of its own; they end with this. */
final class RedisContainers implements AutoCloseable {
    /** As in the compose stack. */
    static final String IMAGE = "redis:7.2";

    /** Sentinels write to their own configuration, so it is made in the container. */
    private static final String SENTINEL = """
            cat >/tmp/sentinel.conf <<EOF
            port 26379
            sentinel monitor mymaster %s 6379 2
            sentinel down-after-milliseconds mymaster 2000
            sentinel failover-timeout mymaster 10000
            EOF
            exec redis-server /tmp/sentinel.conf --sentinel
            """;

    final Network network = Network.newNetwork();
    private final List<GenericContainer<?>> all = new ArrayList<>();
    private final List<GenericContainer<?>> sentinels = new ArrayList<>();

    static RedisContainers start() {
        RedisContainers redis = new RedisContainers();
        try {
            redis.startAll();
            return redis;
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    private void startAll() {
        String server = "exec redis-server --protected-mode no --save '' --repl-diskless-sync-delay 0";
        GenericContainer<?> primary = start(server, ".*Ready to accept connections.*");
        for (int i = 0; i < 2; i++) {
            start(server + " --replicaof " + address(primary) + " 6379", ".*MASTER <-> REPLICA sync: Finished.*");
        }
        for (int i = 0; i < 3; i++) {
            sentinels.add(start(SENTINEL.formatted(address(primary)), ".*\\+monitor master.*"));
        }
    }

    private GenericContainer<?> start(String script, String ready) {
        GenericContainer<?> container = new GenericContainer<>(IMAGE)
                .withNetwork(network)
                .withCommand("sh", "-c", script)
                .waitingFor(Wait.forLogMessage(ready, 1));
        all.add(container);
        container.start();
        return container;
    }

    /** The sentinels', in the network of the containers. */
    List<String> sentinelEndpoints() {
        return sentinels.stream().map(each -> address(each) + ":26379").toList();
    }

    /** Ends the primary as a crash would. */
    void killPrimary() {
        DockerClientFactory.instance()
                .client()
                .killContainerCmd(all.get(0).getContainerId())
                .exec();
    }

    /** Who is primary, as the first sentinel says. */
    String primary() throws IOException, InterruptedException {
        ExecResult said = sentinels
                .get(0)
                .execInContainer("redis-cli", "-p", "26379", "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster");
        return said.getStdout();
    }

    private static String address(GenericContainer<?> container) {
        return container
                .getContainerInfo()
                .getNetworkSettings()
                .getNetworks()
                .values()
                .iterator()
                .next()
                .getIpAddress();
    }

    @Override
    public void close() {
        all.forEach(GenericContainer::stop);
        network.close();
    }
}
