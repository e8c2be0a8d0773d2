package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Capabilities;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.svos.telemetry.acceptance.chart.Chart.Pod;

/** What each pod may do, whatever the values. */
class PodSecurityTest {

    private static final String HOST = "DaemonSet";

    static List<String> ways() {
        return Chart.ways();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void everyPodIsShutIn(String way) {
        List<Pod> pods = Chart.pods(way);

        assertThat(pods).isNotEmpty();
        for (Pod pod : pods) {
            V1PodSpec spec = pod.spec();
            assertThat(spec.getAutomountServiceAccountToken()).as(pod.of()).isFalse();
            assertThat(spec.getHostNetwork()).isNull();
            assertThat(spec.getHostPID()).isNull();
            assertThat(spec.getHostIPC()).isNull();
            assertThat(spec.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(spec.getInitContainers()).isNullOrEmpty();
            for (V1Container container : spec.getContainers()) {
                V1SecurityContext context = container.getSecurityContext();
                assertThat(context.getPrivileged()).as(pod.of()).isNull();
                assertThat(context.getAllowPrivilegeEscalation()).isFalse();
                assertThat(context.getReadOnlyRootFilesystem()).isTrue();
                assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(container.getResources().getLimits()).containsKey("memory");
                assertThat(container.getImage()).matches(".+(:1\\.0\\.0(-SNAPSHOT)?|@sha256:[0-9a-f]{64})");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void onlyTheHostLoaderIsRootAndSeesTheNode(String way) {
        for (Pod pod : Chart.pods(way)) {
            V1PodSpec spec = pod.spec();
            List<String> paths = (spec.getVolumes() == null ? List.<V1Volume>of() : spec.getVolumes())
                    .stream()
                            .map(V1Volume::getHostPath)
                            .filter(Objects::nonNull)
                            .map(path -> path.getPath())
                            .toList();
            V1Capabilities capabilities =
                    spec.getContainers().getFirst().getSecurityContext().getCapabilities();
            if (pod.of().equals(HOST)) {
                assertThat(paths)
                        .containsExactlyInAnyOrder(
                                "/var/lib/svos-kernel-telemetry-host",
                                "/sys/fs/bpf",
                                "/sys/kernel/tracing",
                                "/etc/machine-id");
                assertThat(capabilities.getAdd()).contains("BPF", "PERFMON");
            } else {
                assertThat(paths).isEmpty();
                assertThat(capabilities.getAdd()).isNullOrEmpty();
                assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
                assertThat(spec.getSecurityContext().getRunAsUser()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"default-values.yaml, 'BPF PERFMON'", "full-values.yaml, 'BPF PERFMON SYS_ADMIN SYSLOG'"})
    void theHostLoaderHasTheCapabilitiesThatItNeedsAndThoseAskedFor(String way, String capabilities) {
        V1Container loader = Chart.pods(way).stream()
                .filter(pod -> pod.of().equals(HOST))
                .map(pod -> pod.spec().getContainers().getFirst())
                .findFirst()
                .orElseThrow();

        assertThat(loader.getSecurityContext().getCapabilities().getAdd()).containsExactly(capabilities.split(" ", -1));
        assertThat(loader.getPorts()).hasSize(1);
        assertThat(loader.getPorts())
                .extracting(V1ContainerPort::getContainerPort)
                .allMatch(port -> port >= 1024);
    }
}
