package org.svos.telemetry.acceptance;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/** A container of a test's own; it ends with the test. */
final class Contained implements Program {

    private final GenericContainer<?> container;

    private Contained(GenericContainer<?> container) {
        this.container = container;
    }

    /**
     * Starts one, without waiting for what it does.
     *
     * @param aliases names that it has in the network
     * @param shape sets all else
     */
    static Contained start(
            String image,
            Network network,
            List<String> aliases,
            List<String> arguments,
            Map<String, String> environment,
            Consumer<CreateContainerCmd> shape) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
                .withImagePullPolicy(any -> false)
                .withNetwork(network)
                .withNetworkAliases(aliases.toArray(String[]::new))
                .withCommand(arguments.toArray(String[]::new))
                .withEnv(environment)
                .withCreateContainerCmdModifier(shape)
                .withStartupCheckStrategy(new Started())
                .waitingFor(new Unwaited());
        container.start();
        return new Contained(container);
    }

    /** That it has been started is enough: some end soon. */
    private static final class Started extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient client, String id) {
            return StartupStatus.SUCCESSFUL;
        }
    }

    private static final class Unwaited extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {}
    }

    private static DockerClient client() {
        return DockerClientFactory.lazyClient();
    }

    InspectContainerResponse.ContainerState state() {
        return client().inspectContainerCmd(container.getContainerId()).exec().getState();
    }

    /** A line of {@code /proc/PID/status}: what the kernel says of its first process. */
    String status(String line) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                    .filter(candidate -> candidate.startsWith(line + ":"))
                    .map(candidate -> candidate.substring(line.length() + 1).strip())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command in it; exit code and output. */
    Container.ExecResult run(String... command) {
        try {
            return container.execInContainer(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String output() {
        return container.getLogs();
    }

    @Override
    public long pid() {
        return Objects.requireNonNull(state().getPidLong());
    }

    @Override
    public boolean isAlive() {
        return Boolean.TRUE.equals(state().getRunning());
    }

    @Override
    public void requireAlive() {
        if (!isAlive()) {
            throw new IllegalStateException(
                    "the container has ended by itself with " + state().getExitCodeLong() + ":\n" + output());
        }
    }

    @Override
    public int awaitExit(Duration limit) {
        Eventually.within(limit, () -> {
            if (isAlive()) {
                throw new AssertionError("the container has not ended within " + limit + ":\n" + output());
            }
        });
        return Math.toIntExact(Objects.requireNonNull(state().getExitCodeLong()));
    }

    @Override
    public void terminate() {
        signal("TERM");
    }

    @Override
    public void kill() {
        signal("KILL");
        awaitExit(GRACE);
    }

    @Override
    public void signal(String name) {
        client().killContainerCmd(container.getContainerId()).withSignal(name).exec();
    }

    @Override
    public void close() {
        container.stop();
    }
}
