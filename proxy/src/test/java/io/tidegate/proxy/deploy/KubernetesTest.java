package io.tidegate.proxy.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.TidegateConfig;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Helm chart and the sidecar example make is what Kubernetes takes and Tidegate reads. */
final class KubernetesTest {
    private static final Path DEPLOY = RepositoryRoot.path().resolve("deploy");
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private static final String ALL = """
            autoscaling: {enabled: true, min: 3, max: 5, cpu: 60}
            antiAffinity: hard
            secret: redis
            tlsSecret: redis-tls
            adminToken: {secret: operators, key: word}
            javaOpts: -Xmx256m
            env: [{name: REDIS_PASSWORD, valueFrom: {secretKeyRef: {name: redis, key: password}}}]
            image: {tag: "9", pullSecrets: [{name: registry}]}
            service: {type: LoadBalancer, annotations: {a: b}}
            serviceMonitor: {enabled: true, labels: {release: prometheus}, tlsConfig: {insecureSkipVerify: true}}
            networkPolicy: {from: [{podSelector: {matchLabels: {redis: client}}}]}
            podDisruptionBudget: {maxUnavailable: 50%}
            nodeSelector: {disk: none}
            tolerations: [{key: a, operator: Exists}]
            priorityClassName: high
            podAnnotations: {c: d}
            podLabels: {e: f}
            config:
              listeners: [{address: "0.0.0.0:7000", consistency: strong}]
              upstream: {password: {env: REDIS_PASSWORD}}
              admin:
                address: "0.0.0.0:7001"
                open: true
                ready: primary
                tls: {certificate: compose.yaml, key: compose.yaml}
            """;

    private static final String LITTLE = """
            antiAffinity: none
            topologySpread: false
            networkPolicy: {enabled: false}
            podDisruptionBudget: {enabled: false}
            """;

    @TempDir
    private Path directory;

    @Test
    void theChartIsTidy() {
        LintResult lint = helm().lint().strict().call();
        assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
    }

    @Test
    void byDefaultThereIsATierThatIsHardToBreak() throws Exception {
        List<HasMetadata> made = made("");
        Deployment deployment = only(made, Deployment.class);
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment.getMetadata().getName()).isEqualTo("cache-tidegate");
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        assertThat(deployment.getSpec().getSelector().getMatchLabels().entrySet())
                .isSubsetOf(deployment
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels()
                        .entrySet());
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getTopologySpreadConstraints()).hasSize(1);
        Container container = pod.getContainers().get(0);
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
        assertThat(container.getLivenessProbe().getHttpGet().getScheme()).isEqualTo("HTTP");
        assertThat(container.getEnv()).as("nobody may act").isEmpty();
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
        assertThat(container.getPorts().stream().map(ContainerPort::getContainerPort))
                .containsExactly(6390, 6391, 9122);

        List<Service> services = all(made, Service.class);
        assertThat(services)
                .hasSize(2)
                .allSatisfy(
                        service -> assertThat(service.getSpec().getSelector().entrySet())
                                .isSubsetOf(deployment
                                        .getSpec()
                                        .getTemplate()
                                        .getMetadata()
                                        .getLabels()
                                        .entrySet()));
        assertThat(services.get(0).getSpec().getPorts().stream().map(ServicePort::getPort))
                .containsExactlyInAnyOrder(6390, 6391);
        assertThat(only(made, PodDisruptionBudget.class)
                        .getSpec()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
        assertThat(only(made, NetworkPolicy.class).getSpec().getIngress()).hasSize(2);
        assertThat(all(made, HorizontalPodAutoscaler.class)).isEmpty();
        TidegateConfig config = configured(made, Map.of());
        assertThat(config.listeners()).hasSize(2);
        assertThat(TimeUnit.SECONDS.toNanos(pod.getTerminationGracePeriodSeconds()))
                .as("time to drain")
                .isGreaterThan(config.drain().delayNanos() + config.drain().nanosMax());
    }

    @Test
    void everythingCanBeAskedFor() throws Exception {
        List<HasMetadata> made = made(ALL);
        Deployment deployment = only(made, Deployment.class);
        assertThat(deployment.getSpec().getReplicas()).as("the autoscaler's").isNull();
        HorizontalPodAutoscaler scaler = only(made, HorizontalPodAutoscaler.class);
        assertThat(scaler.getSpec().getScaleTargetRef().getName())
                .isEqualTo(deployment.getMetadata().getName());
        assertThat(scaler.getSpec().getMaxReplicas()).isEqualTo(5);
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        assertThat(pod.getAffinity().getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution())
                .hasSize(1);
        assertThat(pod.getVolumes()).hasSize(4);
        Container container = pod.getContainers().get(0);
        assertThat(container.getVolumeMounts())
                .anyMatch(mount -> mount.getMountPath().equals("/run/secrets/tidegate-tls"));
        assertThat(container.getImage()).isEqualTo("tidegate:9");
        assertThat(container.getEnv()).hasSize(3);
        assertThat(container.getEnv().get(1).getName()).isEqualTo("TIDEGATE_ADMIN_TOKEN_FILE");
        String token = container.getEnv().get(1).getValue();
        assertThat(token).isEqualTo("/run/secrets/tidegate-admin/word");
        assertThat(container.getVolumeMounts()).anyMatch(mount -> token.startsWith(mount.getMountPath() + "/"));
        assertThat(List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe()))
                .allMatch(probe -> probe.getHttpGet().getScheme().equals("HTTPS"));
        assertThat(container.getPorts().stream().map(ContainerPort::getContainerPort))
                .containsExactly(7000, 7001);
        assertThat(only(made, GenericKubernetesResource.class).toString())
                .as("the ServiceMonitor")
                .contains("scheme=https", "insecureSkipVerify=true");
        Path word = Files.writeString(directory.resolve("word"), "0123456789abcdef");
        TidegateConfig config =
                configured(made, Map.of("REDIS_PASSWORD", "secret", "TIDEGATE_ADMIN_TOKEN_FILE", word.toString()));
        assertThat(config.adminToken()).isNotNull();
        assertThat(config.adminTls()).isNotNull();
        assertThat(config.listeners()).hasSize(1);
        assertThat(config.ready()).isEqualTo(TidegateConfig.Ready.PRIMARY);
    }

    @Test
    void littleCanBeAskedFor() throws Exception {
        List<HasMetadata> made = made(LITTLE);
        assertThat(all(made, NetworkPolicy.class)).isEmpty();
        assertThat(all(made, PodDisruptionBudget.class)).isEmpty();
        PodSpec pod = only(made, Deployment.class).getSpec().getTemplate().getSpec();
        assertThat(pod.getAffinity()).isNull();
    }

    @Test
    void anotherConfigurationIsAnotherPod() throws Exception {
        assertThat(checksum("config: {fence: confirm}")).isNotEqualTo(checksum("config: {fence: lease}"));
    }

    private String checksum(String values) throws IOException {
        return only(made(values), Deployment.class)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .getOrDefault("checksum/config", "");
    }

    @Test
    void wrongValuesAreRefused() {
        for (String wrong : List.of(
                "replicas: two",
                "replica: 2",
                "antiAffinity: maybe",
                "config: {listeners: []}",
                "config: {listeners: [{address: nowhere}]}",
                "adminToken: a-token-itself",
                "podDisruptionBudget: {minAvailable: 1}")) {
            assertThatThrownBy(() -> made(wrong))
                    .as(wrong)
                    .hasMessageContaining("values don't meet the specifications");
        }
    }

    @Test
    void theSidecarIsTakenAndRead() throws Exception {
        Path inject = DEPLOY.resolve("sidecar/inject");
        Deployment deployment = only(typed(Files.readString(inject.resolve("sidecar.yaml"))), Deployment.class);
        assertSidecar(deployment.getSpec().getTemplate().getSpec());
        TidegateConfig config = ConfigLoader.load(
                        inject.resolve("tidegate.yaml"), Map.of("TIDEGATE_UPSTREAM_PASSWORD", "secret"))
                .config();
        assertThat(config.listeners().get(0).address().loopback()).isTrue();
    }

    private static void assertSidecar(PodSpec pod) {
        Container sidecar = pod.getInitContainers().get(0);
        assertThat(sidecar.getName()).isEqualTo("tidegate");
        assertThat(sidecar.getRestartPolicy()).as("what makes it a sidecar").isEqualTo("Always");
        assertThat(pod.getSecurityContext()).as("the application's own").isNull();
    }

    @Test
    void theSidecarIsPutIntoWhatAsksForIt() throws Exception {
        String made = kustomized(DEPLOY.resolve("sidecar/example"));
        Deployment deployment = only(typed(made), Deployment.class);
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        assertSidecar(pod);
        assertThat(pod.getInitContainers()).as("before the application's own").hasSize(2);
        assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("application");
        String volume = pod.getVolumes().get(0).getConfigMap().getName();
        assertThat(only(typed(made), ConfigMap.class).getMetadata().getName())
                .isEqualTo(volume)
                .startsWith("tidegate-sidecar-");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(
                other.resolve("kustomization.yaml"),
                "resources: [application.yaml]\ncomponents: ["
                        + other.toRealPath()
                                .relativize(DEPLOY.resolve("sidecar/inject").toRealPath()) + "]\n");
        String application = Files.readString(DEPLOY.resolve("sidecar/example/application.yaml"));
        Files.writeString(
                other.resolve("application.yaml"), application.replace("tidegate: sidecar", "tidegate: none"));
        assertThat(only(typed(kustomized(other)), Deployment.class)
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getInitContainers())
                .as("of who does not ask for it")
                .hasSize(1);
    }

    private String kustomized(Path kustomization) throws IOException, InterruptedException {
        Path said = directory.resolve("kustomized");
        Process kubectl;
        try {
            kubectl = new ProcessBuilder("kubectl", "kustomize", kustomization.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "kubectl is not installed: " + e.getMessage());
            throw e;
        }
        assertThat(kubectl.waitFor()).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }

    @Test
    void theBackupJobIsTaken() throws Exception {
        CronJob job = only(typed(Files.readString(DEPLOY.resolve("backup/cronjob.yaml"))), CronJob.class);
        assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
    }

    @Test
    void theComposeStackIsRead() throws Exception {
        ConfigLoader.Loaded loaded = ConfigLoader.load(DEPLOY.resolve("compose/tidegate.yaml"), Map.of());
        assertThat(loaded.warnings()).isEmpty();
        String stack = Files.readString(DEPLOY.resolve("compose.yaml"));
        assertThat(stack).contains("environment: {TIDEGATE_ADMIN_TOKEN: \"${TIDEGATE_ADMIN_TOKEN:-}\"}");
        assertThat(composed("").adminToken()).as("as it is, nobody may act").isNull();
        assertThat(composed("0123456789abcdef").adminToken()).isNotNull();
    }

    private static TidegateConfig composed(String token) throws ConfigException {
        return ConfigLoader.load(DEPLOY.resolve("compose/tidegate.yaml"), Map.of("TIDEGATE_ADMIN_TOKEN", token))
                .config();
    }

    private static TidegateConfig configured(List<HasMetadata> made, Map<String, String> variables)
            throws ConfigException {
        String text = only(made, ConfigMap.class).getData().getOrDefault("tidegate.yaml", "");
        return ConfigLoader.parse(text, "ConfigMap", DEPLOY, variables).config();
    }

    private List<HasMetadata> made(String values) throws IOException {
        Path file = Files.writeString(directory.resolve("values.yaml"), values);
        return typed(helm().template()
                .withKubeVersion("1.29.0")
                .withName("cache")
                .withValuesFile(file)
                .call());
    }

    /** Documents of one file each; every field is one that its type has. */
    private static List<HasMetadata> typed(String text) throws IOException {
        List<HasMetadata> made = new ArrayList<>();
        for (String document : text.split("(?m)^---$", -1)) {
            if (document.lines().anyMatch(line -> line.startsWith("kind:"))) {
                HasMetadata one = SERIALIZATION.unmarshal(document);
                if (!(one instanceof GenericKubernetesResource)) {
                    assertNothingUnknown(one, one.getKind());
                }
                made.add(one);
            }
        }
        return made;
    }

    /** Fields that a type does not have end in its additional properties. */
    private static void assertNothingUnknown(Object value, String path) {
        if (value instanceof Collection<?> values) {
            values.forEach(each -> assertNothingUnknown(each, path + "[]"));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> assertNothingUnknown(each, path + "." + key));
        } else if (value instanceof KubernetesResource) {
            for (Method method : value.getClass().getMethods()) {
                if (method.getName().startsWith("get")
                        && method.getParameterCount() == 0
                        && method.getDeclaringClass() != Object.class) {
                    look(value, method, path);
                }
            }
        }
    }

    private static void look(Object value, Method getter, String path) {
        try {
            Object part = getter.invoke(value);
            if (getter.getName().equals("getAdditionalProperties")) {
                assertThat((Map<?, ?>) part).as("unknown in " + path).isNullOrEmpty();
            } else if (part != null) {
                assertNothingUnknown(part, path + "." + getter.getName().substring(3));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(path, e);
        }
    }

    private static <T> T only(List<HasMetadata> made, Class<T> type) {
        List<T> found = all(made, type);
        assertThat(found).as(type.getSimpleName()).hasSize(1);
        return found.get(0);
    }

    private static <T> List<T> all(List<HasMetadata> made, Class<T> type) {
        return made.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static Helm helm() {
        try {
            Helm.version().call();
        } catch (IllegalStateException | LinkageError e) {
            assumeTrue(false, "there is no Helm library for this machine: " + e);
        }
        return new Helm(DEPLOY.resolve("helm/tidegate"));
    }
}
