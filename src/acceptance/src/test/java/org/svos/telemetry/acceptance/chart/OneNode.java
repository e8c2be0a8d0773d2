package org.svos.telemetry.acceptance.chart;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a cluster of one node would make of the chart's pods: a container of each, with the image, the arguments, the user, the
 * rights, the limits and the files that the chart gives it. Nothing is added, and of files nothing is let go: what the chart
 * forgets is missing.
 */
public final class OneNode {

    private static final String NAME = "a-node";
    private static final String LOOPBACK = "127.0.0.1";

    private final Path folder;
    private final Path values;
    private final Map<String, String> secrets = new HashMap<>();
    private final Map<String, String> hostPaths = new HashMap<>();

    /**
     * A node.
     *
     * @param folder for the files that it gives to pods
     * @param values of the chart
     */
    public OneNode(Path folder, Path values) {
        this.folder = folder;
        this.values = values;
    }

    /** Puts a secret there. */
    public void secret(String name, String key, String value) {
        secrets.put(name + "/" + key, value);
    }

    /** Has a path of the node, or a claim, be this folder, file or volume of the machine. */
    public void path(String name, String onThisMachine) {
        hostPaths.put(name, onThisMachine);
    }

    /**
     * A pod's only container.
     *
     * @param image that it is of
     * @param arguments behind the image's entry point
     * @param environment by name
     * @param probes each as the port's name and the path: {@code api/readyz}
     */
    public record Run(
            String image, List<String> arguments, Map<String, String> environment, List<String> probes, Spec spec) {

        /** Sets user, rights, limits, mounts and ports, by their names, of the loopback interface. */
        public void applyTo(CreateContainerCmd command, Map<String, Integer> ports) {
            spec.applyTo(command, ports);
        }
    }

    /** How the one pod of a kind of workload is to be run. */
    public Run run(String kind) {
        V1PodSpec pod = Chart.pods(values).stream()
                .filter(candidate -> candidate.of().equals(kind))
                .findFirst()
                .orElseThrow()
                .spec();
        V1Container container = pod.getContainers().getFirst();
        Map<String, String> environment = new HashMap<>();
        for (V1EnvVar variable : Objects.requireNonNullElse(container.getEnv(), List.<V1EnvVar>of())) {
            environment.put(variable.getName(), value(variable));
        }
        List<String> probes = Stream.of(
                        container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                .filter(Objects::nonNull)
                .map(V1Probe::getHttpGet)
                .map(get -> get.getPort().getStrValue() + get.getPath())
                .distinct()
                .toList();
        return new Run(container.getImage(), container.getArgs(), environment, probes, new Spec(this, pod, container));
    }

    private String value(V1EnvVar variable) {
        if (variable.getValue() != null) {
            return variable.getValue();
        }
        var from = variable.getValueFrom();
        if (from.getFieldRef() != null) {
            return switch (from.getFieldRef().getFieldPath()) {
                case "spec.nodeName" -> NAME;
                case String field -> throw new IllegalArgumentException("no field " + field + " on this node");
            };
        }
        return secret(from.getSecretKeyRef().getName(), from.getSecretKeyRef().getKey());
    }

    private String secret(String name, String key) {
        return Objects.requireNonNull(secrets.get(name + "/" + key), () -> "no secret " + name + "/" + key);
    }

    /** What the engine is told of a container. */
    private record Spec(OneNode node, V1PodSpec pod, V1Container container) {

        void applyTo(CreateContainerCmd command, Map<String, Integer> ports) {
            HostConfig host = Objects.requireNonNull(command.getHostConfig());
            V1SecurityContext rights = container.getSecurityContext();
            var podRights = pod.getSecurityContext();
            command.withUser(Objects.requireNonNullElse(rights.getRunAsUser(), podRights.getRunAsUser()) + ":"
                    + Objects.requireNonNullElse(rights.getRunAsGroup(), podRights.getRunAsGroup()));
            List<String> options = new ArrayList<>();
            if (!rights.getAllowPrivilegeEscalation()) {
                options.add("no-new-privileges");
            }
            if (rights.getAppArmorProfile() != null
                    && rights.getAppArmorProfile().getType().equals("Unconfined")) {
                options.add("apparmor=unconfined");
            }
            long memory = container
                    .getResources()
                    .getLimits()
                    .get("memory")
                    .getNumber()
                    .longValueExact();
            host.withReadonlyRootfs(rights.getReadOnlyRootFilesystem())
                    .withSecurityOpts(options)
                    .withCapDrop(capabilities(rights.getCapabilities().getDrop()))
                    .withCapAdd(capabilities(rights.getCapabilities().getAdd()))
                    .withMemory(memory)
                    .withMemorySwap(memory);
            publish(command, host, ports);
            mount(host);
        }

        private static Capability[] capabilities(List<String> names) {
            return Objects.requireNonNullElse(names, List.<String>of()).stream()
                    .map(Capability::valueOf)
                    .toArray(Capability[]::new);
        }

        private void publish(CreateContainerCmd command, HostConfig host, Map<String, Integer> ports) {
            List<ExposedPort> exposed = new ArrayList<>();
            List<PortBinding> bindings = new ArrayList<>();
            for (V1ContainerPort port : Objects.requireNonNullElse(container.getPorts(), List.<V1ContainerPort>of())) {
                ExposedPort inside = ExposedPort.tcp(port.getContainerPort());
                exposed.add(inside);
                bindings.add(new PortBinding(Ports.Binding.bindIpAndPort(LOOPBACK, ports.get(port.getName())), inside));
            }
            command.withExposedPorts(exposed);
            host.withPortBindings(bindings);
        }

        private void mount(HostConfig host) {
            List<Bind> binds = new ArrayList<>();
            Map<String, String> inMemory = new HashMap<>();
            for (V1VolumeMount mount : container.getVolumeMounts()) {
                V1Volume volume = pod.getVolumes().stream()
                        .filter(candidate -> candidate.getName().equals(mount.getName()))
                        .findFirst()
                        .orElse(new V1Volume());
                if (volume.getEmptyDir() != null) {
                    long size = volume.getEmptyDir().getSizeLimit().getNumber().longValueExact();
                    // Narrower than Kubernetes', which lets files be executed.
                    inMemory.put(mount.getMountPath(), "rw,noexec,nosuid,nodev,mode=1777,size=" + size);
                } else {
                    boolean readOnly = Boolean.TRUE.equals(mount.getReadOnly());
                    binds.add(new Bind(
                            node.source(mount.getName(), volume),
                            new Volume(mount.getMountPath()),
                            readOnly ? AccessMode.ro : AccessMode.rw));
                }
            }
            host.withBinds(binds).withTmpFs(inMemory);
        }
    }

    /** What a mount shows: a folder of this machine, or the name of a volume. */
    private String source(String name, V1Volume volume) {
        if (volume.getConfigMap() != null) {
            return files(name, configMap(volume.getConfigMap().getName()), "rw-r--r--");
        }
        if (volume.getSecret() != null) {
            Map<String, String> files = new HashMap<>();
            volume.getSecret()
                    .getItems()
                    .forEach(item ->
                            files.put(item.getPath(), secret(volume.getSecret().getSecretName(), item.getKey())));
            return files(name, files, "r--------");
        }
        String path = volume.getHostPath() == null ? name : volume.getHostPath().getPath();
        return Objects.requireNonNull(hostPaths.get(path), () -> "nothing on this node is " + path);
    }

    private Map<String, String> configMap(String name) {
        return Chart.manifests(values).stream()
                .filter(manifest -> manifest.kind().equals("ConfigMap"))
                .map(manifest -> (V1ConfigMap) manifest.typed())
                .filter(map -> map.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getData();
    }

    private String files(String name, Map<String, String> files, String permissions) {
        try {
            Path made = Files.createTempDirectory(folder, name);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path written = Files.writeString(made.resolve(file.getKey()), file.getValue());
                Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(permissions));
            }
            return made.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
