package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.kubernetes.client.openapi.models.V2CrossVersionObjectReference;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.acceptance.chart.Chart.Manifest;

/** Gateways on a PostgreSQL: any number of pods, none of which keeps anything. */
class SharedStoreTest {

    private static final Path SCALED = Chart.values("postgresql-values.yaml");
    private static final String PASSWORD = "a-password-for-a-trial";

    @TempDir
    private Path folder;

    @Test
    void theyAreADeploymentWithoutAVolumeOfWhichNoneGoesBeforeAnotherIsReady() {
        List<Manifest> manifests = Chart.manifests(SCALED);
        V1Deployment gateways = one(manifests, V1Deployment.class);

        assertThat(manifests).extracting(Manifest::kind).doesNotContain("StatefulSet", "PersistentVolumeClaim");
        assertThat(pod(gateways).getVolumes()).allMatch(volume -> volume.getPersistentVolumeClaim() == null);
        assertThat(pod(gateways).getTopologySpreadConstraints()).hasSize(2);
        assertThat(gateways.getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntValue())
                .isZero();
    }

    /** A number beside an autoscaler's would be set back with each upgrade. */
    @Test
    void theirNumberIsTheAutoscalersOrTheOneThatIsSet() throws IOException {
        List<Manifest> scaled = Chart.manifests(SCALED);
        V2CrossVersionObjectReference target =
                one(scaled, V2HorizontalPodAutoscaler.class).getSpec().getScaleTargetRef();
        List<Manifest> fixed = Chart.manifests(values("jdbc:postgresql://db:5432/telemetry", PASSWORD));

        assertThat(target.getKind()).isEqualTo("Deployment");
        assertThat(target.getName())
                .isEqualTo(one(scaled, V1Deployment.class).getMetadata().getName());
        assertThat(one(scaled, V1Deployment.class).getSpec().getReplicas()).isNull();
        assertThat(one(fixed, V1Deployment.class).getSpec().getReplicas()).isEqualTo(3);
        assertThat(fixed).extracting(Manifest::kind).doesNotContain("HorizontalPodAutoscaler");
    }

    @Test
    void eachHasTheAdminTokenOfOneSecret() {
        V1Container gateway = pod(one(Chart.manifests(SCALED), V1Deployment.class))
                .getContainers()
                .getFirst();

        assertThat(gateway.getEnv())
                .filteredOn(variable -> variable.getName().equals("TELEMETRY_ADMIN_TOKEN"))
                .singleElement()
                .satisfies(variable -> assertThat(
                                variable.getValueFrom().getSecretKeyRef().getName())
                        .isEqualTo("telemetry-admin"));
    }

    @Test
    void thePasswordIsInASecretOnlyAndReadFromAFileOfIt() throws IOException {
        Path values = values("jdbc:postgresql://db:5432/telemetry", PASSWORD);
        List<Manifest> manifests = Chart.manifests(values);
        V1PodSpec pod = pod(one(manifests, V1Deployment.class));

        assertThat(manifests)
                .filteredOn(manifest -> manifest.text().contains(PASSWORD))
                .singleElement()
                .satisfies(secret ->
                        assertThat(((V1Secret) secret.typed()).getStringData()).containsEntry("password", PASSWORD));
        assertThat(Chart.render(values)).contains("password-file: /run/secrets/postgresql/password");
        assertThat(pod.getContainers().getFirst().getVolumeMounts())
                .extracting(V1VolumeMount::getMountPath)
                .contains("/run/secrets/postgresql");
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("postgresql"))
                .singleElement()
                .satisfies(volume -> {
                    assertThat(volume.getSecret().getDefaultMode()).isEqualTo(0440);
                    assertThat(volume.getSecret().getItems().getFirst().getPath())
                            .isEqualTo("password");
                });
    }

    /** It is read at the start. */
    @Test
    void anotherPasswordReplacesThePods() throws IOException {
        String url = "jdbc:postgresql://db:5432/telemetry";

        assertThat(checksum(values(url, "another"))).isNotEqualTo(checksum(values(url, PASSWORD)));
        assertThat(checksum(values(url, PASSWORD))).isEqualTo(checksum(values(url, PASSWORD)));
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/telemetry,                        5432",
        "jdbc:postgresql://db:6432/telemetry?sslmode=require,   6432",
        "jdbc:postgresql://[::1]/telemetry,                     5432",
        "jdbc:postgresql://[::1]:5433/telemetry,                5433",
        "'jdbc:postgresql://a:5433,b,c:5433/telemetry',         5433 5432",
    })
    void whereConnectionsAreLimitedThePortsOfTheServersAreOpen(String url, String ports) throws IOException {
        V1NetworkPolicy policy = Chart.manifests(values(url, PASSWORD)).stream()
                .filter(manifest -> manifest.kind().equals("NetworkPolicy"))
                .map(manifest -> (V1NetworkPolicy) manifest.typed())
                .filter(found -> found.getMetadata().getName().endsWith("-gateway"))
                .findFirst()
                .orElseThrow();

        List<V1NetworkPolicyPort> open = policy.getSpec().getEgress().get(1).getPorts();

        assertThat(open.stream().map(port -> String.valueOf(port.getPort().getIntValue())))
                .containsExactly(ports.split(" ", -1));
    }

    private String checksum(Path values) {
        return one(Chart.manifests(values), V1Deployment.class)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .get("checksum/secret");
    }

    private Path values(String url, String password) throws IOException {
        return Files.writeString(folder.resolve("values.yaml"), """
                gateway:
                  replicas: 3
                  store: {type: postgresql, postgresql: {url: '%s', password: {value: %s}}}
                  adminToken: {existingSecret: admin}
                  lanternRock: {url: 'http://lantern-rock:8090'}
                  networkPolicy: {egress: [{ports: [{port: 8090}]}]}
                """.formatted(url, password));
    }

    private static V1PodSpec pod(V1Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    private static <T> T one(List<Manifest> manifests, Class<T> type) {
        return manifests.stream()
                .filter(manifest -> !manifest.isCustom())
                .map(Manifest::typed)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }
}
