package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.Volume;
import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.RemoteDockerImage;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The image that {@code deploy/Dockerfile} makes, in front of servers and sentinels in containers, run as the compose stack
 * and the chart run it. Skipped where there is no Docker, or the images that it is made of cannot be had.
 */
@Tag("alone")
@Testcontainers(disabledWithoutDocker = true)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ImageIT {
    private static final Path ROOT = RepositoryRoot.path();
    private static final Path DOCKERFILE = ROOT.resolve("deploy/Dockerfile");
    private static final Path JAR = ROOT.resolve("proxy/target/tidegate.jar");
    private static final Pattern BASE = Pattern.compile("(?m)^ARG [A-Z]+=(\\S+)$");
    private static final int LISTENER = 6390;
    private static final int ADMIN = 9122;

    private static String image = "";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @BeforeAll
    static void build() throws IOException {
        assumeTrue(Files.exists(JAR), "there is no " + JAR + ": mvn package");
        Matcher bases = BASE.matcher(Files.readString(DOCKERFILE));
        while (bases.find()) {
            assumeHad(bases.group(1));
        }
        assumeHad(RedisContainers.IMAGE);
        image = new ImageFromDockerfile()
                .withFileFromPath("Dockerfile", DOCKERFILE)
                .withFileFromPath("tidegate", ROOT.resolve("tidegate"))
                .withFileFromPath("proxy/target/tidegate.jar", JAR)
                .get();
    }

    private static void assumeHad(String name) {
        try {
            assertThat(new RemoteDockerImage(DockerImageName.parse(name)).get()).isNotEmpty();
        } catch (ContainerFetchException e) {
            assumeTrue(false, "the image " + name + " cannot be had: " + e.getMessage());
        }
    }

    @Test
    void itIsNobodyInParticularAndHasTheRecordOfAStart() throws Exception {
        InspectImageResponse inspected =
                DockerClientFactory.instance().client().inspectImageCmd(image).exec();
        ContainerConfig config = Objects.requireNonNull(inspected.getConfig());
        assertThat(config.getUser()).isEqualTo("65532:65532");
        assertThat(config.getHealthcheck()).isNotNull();
        assertThat(inspected.getSize()).as("bytes, beside those of the base").isLessThan(400L << 20);
        try (GenericContainer<?> container = new GenericContainer<>(image)
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("sleep", "600"))) {
            container.start();
            assertThat(container
                            .execInContainer(
                                    "sh", "-c", "find /opt/tidegate/proxy/target -name 'start-*.jsa' -size +1M")
                            .getStdout())
                    .contains("start-17");
            assertThat(container
                            .execInContainer("/opt/tidegate/tidegate", "--version")
                            .getStdout())
                    .startsWith("tidegate ");
        }
    }

    @Test
    void itServesThroughAFailoverAndLeavesWhenTold() throws Exception {
        try (RedisContainers redis = RedisContainers.start();
                GenericContainer<?> proxy = proxy(redis)) {
            proxy.start();
            try (RedisCommandClient client = RedisCommandClient.connect(
                    new InetSocketAddress(proxy.getHost(), proxy.getMappedPort(LISTENER)), Stack.PATIENCE)) {
                await("both replicas")
                        .atMost(Stack.PATIENCE)
                        .until(() ->
                                client.command("PROXY", "TOPOLOGY").toString().split("eligible", -1).length == 3);
                assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
                String before = redis.primary();
                redis.killPrimary();
                int uncertain = 0;
                for (int i = 0; i < 100 || redis.primary().equals(before); i++) {
                    uncertain += setsOrMayHave(client, i) ? 0 : 1;
                }
                assertThat(uncertain).as("the one that was under way").isLessThanOrEqualTo(1);
                assertThat(client.command("PROXY", "FAILOVERS").toString()).contains("unplanned", "switched");
                assertThat(proxy.execInContainer("/opt/tidegate/tidegate", "health")
                                .getStdout())
                        .isEqualTo("ok\n");
            }
            DockerClientFactory.instance()
                    .client()
                    .stopContainerCmd(proxy.getContainerId())
                    .withTimeout(30)
                    .exec();
            assertThat(proxy.getCurrentContainerInfo().getState().getExitCodeLong())
                    .as("not killed")
                    .isEqualTo(143);
            assertThat(proxy.getLogs()).contains("listening on 0.0.0.0:" + LISTENER);
        }
    }

    /** Whether the write is acknowledged; else nobody knows. Any other answer is an error that a client would see. */
    private static boolean setsOrMayHave(RedisCommandClient client, int value) throws IOException {
        try {
            assertThat(client.command("SET", "k", Integer.toString(value)).text())
                    .isEqualTo("OK");
            return true;
        } catch (RedisErrorException e) {
            assertThat(e).hasMessageStartingWith("UNCERTAIN ");
            return false;
        }
    }

    /** As it is told to be run: nothing that it could write to, no right beyond those of anybody. */
    private GenericContainer<?> proxy(RedisContainers redis) throws IOException {
        Path config = Files.writeString(directory.resolve("tidegate.yaml"), """
                listeners: [{address: "0.0.0.0:%d"}]
                upstream: {sentinel: {master: mymaster, nodes: ["%s"]}}
                clients: {open: true}
                admin: {address: "0.0.0.0:%d", open: true}
                """.formatted(
                        LISTENER, String.join("\", \"", redis.sentinelEndpoints()), ADMIN));
        return new GenericContainer<>(image)
                .withNetwork(redis.network)
                .withExposedPorts(LISTENER, ADMIN)
                .withCreateContainerCmdModifier(command -> harden(command, config))
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(Duration.ofMinutes(2)));
    }

    private static void harden(CreateContainerCmd command, Path config) {
        command.withHostConfig(Objects.requireNonNull(command.getHostConfig())
                .withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges:true"))
                .withBinds(new Bind(config.toString(), new Volume("/etc/tidegate/tidegate.yaml"), AccessMode.ro)));
    }
}
