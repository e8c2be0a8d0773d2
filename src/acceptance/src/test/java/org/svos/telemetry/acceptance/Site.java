package org.svos.telemetry.acceptance;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.svos.telemetry.acceptance.chart.OneNode;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;

/** A stand-in for Lantern Rock, a gateway and whatever else of the chart is started, each in a container, in a network of their own. */
final class Site implements AutoCloseable {

    static final String GATEWAY_IMAGE = "kernel-telemetry-test/gateway:test";
    static final String HOST_IMAGE = "kernel-telemetry-test/host:test";

    /** As the chart's pods know each other. */
    private static final String GATEWAY_NAME = "telemetry-kernel-telemetry-gateway.observe.svc";

    private static final String LANTERN_ROCK_NAME = "lantern-rock";
    private static final int LANTERN_ROCK_PORT = 8090;

    private final Network network = Network.newNetwork();
    private final String volume = "kernel-telemetry-test-" + UUID.randomUUID();
    private final Map<String, Integer> ports = new HashMap<>();
    private final List<Contained> started = new ArrayList<>();
    private final Path folder;
    private final OneNode node;
    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;

    /**
     * One whose gateway is ready.
     *
     * @param values of the chart, beside those that name images, secrets and addresses
     */
    Site(Path folder, String values) {
        this.folder = folder;
        try {
            this.node = new OneNode(folder, Files.writeString(folder.resolve("values.yaml"), values));
            for (String port : List.of("api", "management", "metrics")) {
                ports.put(port, Build.freePort());
            }
            Files.createDirectory(folder.resolve("received"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        node.secret("admin", "token", Gateway.ADMIN_TOKEN);
        client().createVolumeCmd().withName(volume).exec();
        node.path("data", volume);
        int lanternRockPort = Build.freePort();
        this.lanternRock = new LanternRockStandIn(
                folder.resolve("received"), lanternRockPort, () -> startLanternRock(lanternRockPort));
        this.gateway = new Gateway(
                Path.of(Objects.requireNonNull(
                        client().inspectVolumeCmd(volume).exec().getMountpoint())),
                port("api"),
                port("management"),
                () -> start("StatefulSet", List.of(GATEWAY_NAME)));
        gateway.awaitReady();
    }

    private static DockerClient client() {
        return DockerClientFactory.lazyClient();
    }

    private Contained startLanternRock(int port) {
        return keep(Contained.start(
                Engine.JDK_IMAGE,
                network,
                List.of(LANTERN_ROCK_NAME),
                List.of(
                        "java",
                        "-Xmx96m",
                        "-jar",
                        "/lantern-rock.jar",
                        "--host",
                        "0.0.0.0",
                        "--port",
                        Integer.toString(LANTERN_ROCK_PORT),
                        "--data",
                        "/received"),
                Map.of(),
                command -> besideUs(command, port)));
    }

    private void besideUs(CreateContainerCmd command, int port) {
        ExposedPort inside = ExposedPort.tcp(LANTERN_ROCK_PORT);
        command.withUser(owner()).withExposedPorts(inside);
        Objects.requireNonNull(command.getHostConfig())
                .withPortBindings(new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", port), inside))
                .withBinds(
                        new Bind(Build.LANTERN_ROCK.toString(), new Volume("/lantern-rock.jar"), AccessMode.ro),
                        new Bind(folder.resolve("received").toString(), new Volume("/received")));
    }

    /** Who runs this test: what is received is to be read and deleted by it. */
    private String owner() {
        try {
            return Files.getAttribute(folder, "unix:uid") + ":" + Files.getAttribute(folder, "unix:gid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Contained keep(Contained container) {
        started.add(container);
        return container;
    }

    OneNode node() {
        return node;
    }

    LanternRockStandIn lanternRock() {
        return lanternRock;
    }

    Gateway gateway() {
        return gateway;
    }

    /** The port of the loopback interface at which a container's port of that name is to be found. */
    int port(String name) {
        return Objects.requireNonNull(ports.get(name));
    }

    /** Starts the pod of a kind of workload. */
    Contained start(String kind, List<String> aliases) {
        return start(node.run(kind), aliases, command -> {});
    }

    /** The same, with more said of its container. */
    Contained start(OneNode.Run run, List<String> aliases, Consumer<CreateContainerCmd> more) {
        return keep(Contained.start(run.image(), network, aliases, run.arguments(), run.environment(), command -> {
            run.applyTo(command, ports);
            more.accept(command);
        }));
    }

    /** The container that was started last. */
    Contained latest() {
        return started.getLast();
    }

    @Override
    public void close() {
        started.reversed().forEach(Contained::close);
        network.close();
        client().removeVolumeCmd(volume).exec();
    }
}
