package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.BuildResponseItem;
import com.github.dockerjava.api.model.ContainerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;

/** The container engine of "./dev engine": the one that runs here, or one of the tests' own; with images of the Dockerfile. */
final class Engine {

    /** Has a JDK; what of the Dockerfile comes before our own files. */
    static final String JDK_IMAGE = "kernel-telemetry-packages:jdk";

    /** Exit code of "./dev engine" where there is none, and none can be made. */
    private static final int LACKING = 3;

    /** On a machine that has nothing yet, Docker, a Debian and a JDK are installed first. */
    private static final Duration INSTALLATION = Duration.ofMinutes(20);

    private static final Pattern ADDRESS = Pattern.compile("(?m)^DOCKER_HOST=(.+)$");

    private Engine() {}

    /**
     * Has it run till this JVM has ended, and Testcontainers has cleared up. Where none can be had, the tests are skipped, and it is
     * said why.
     */
    static void start(Path folder) {
        Child process = Child.startToTheEnd(
                "./dev engine",
                folder.resolve("engine.log"),
                List.of(Build.TREE.resolve("dev").toString(), "engine"));
        try {
            Eventually.within(INSTALLATION, () -> {
                Matcher address = ADDRESS.matcher(process.output());
                if (address.find()) {
                    // Where Testcontainers looks, by testcontainers.properties.
                    System.setProperty("DOCKER_HOST", address.group(1));
                } else if (process.isAlive()) {
                    throw new AssertionError("\"./dev engine\" is not done yet:\n" + process.output());
                } else if (process.awaitExit(Duration.ZERO) == LACKING) {
                    System.err.println("NOT RUN, as there is no container engine:\n" + process.output());
                    Assumptions.abort("no container engine: " + process.output());
                } else {
                    process.requireAlive();
                }
            });
        } catch (Throwable e) {
            process.close();
            throw e;
        }
    }

    /** Builds a target of the Dockerfile, as it is now. */
    static void build(String target, String name) {
        // Not by Testcontainers' ImageFromDockerfile: it takes the stages for images, and tries for minutes to pull
        // them.
        String id = client().buildImageCmd(Build.TREE.resolve("Dockerfile").toFile())
                .withTarget(target)
                .withTags(Set.of(name))
                .withNetworkMode("host")
                .exec(new BuildLog())
                .awaitImageId();
        assertThat(id).isNotEmpty();
    }

    /** Shows what the builder says if it fails. */
    private static final class BuildLog extends BuildImageResultCallback {
        private final StringBuilder said = new StringBuilder();

        @Override
        public void onNext(BuildResponseItem item) {
            String line = item.getStream();
            said.append(line == null ? "" : line);
            if (item.isErrorIndicated()) {
                System.err.println(said);
            }
            super.onNext(item);
        }
    }

    /** Docker before 23 does not let CAP_BPF and CAP_PERFMON be added to a container, whatever its kernel knows. */
    static boolean knowsTheCapabilitiesOfBpf() {
        String version = client().versionCmd().exec().getVersion();
        return Integer.parseInt(version.substring(0, version.indexOf('.'))) >= 23;
    }

    static ContainerConfig configuration(String image) {
        return Objects.requireNonNull(client().inspectImageCmd(image).exec().getConfig());
    }

    static void remove(String image) {
        try {
            client().removeImageCmd(image).withForce(true).exec();
        } catch (NotFoundException e) {
            // It was not built.
        }
    }

    private static DockerClient client() {
        return DockerClientFactory.lazyClient();
    }
}
