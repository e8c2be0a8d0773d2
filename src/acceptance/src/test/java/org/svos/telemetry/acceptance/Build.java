package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the reactor has built before these tests run, and what else a process under test needs. */
final class Build {

    private static final String VERSION = "1.0.0-SNAPSHOT";

    /** The top of the source tree: Maven runs the tests of a module in the module's folder. */
    static final Path TREE = Path.of("../..").toAbsolutePath().normalize();

    static final Path GATEWAY = jar("src/gateway/target/telemetry-gateway-" + VERSION + "-exec.jar");
    static final Path LANTERN_ROCK = jar("src/lantern-rock/target/telemetry-lantern-rock-" + VERSION + "-standin.jar");
    static final Path HOST_LOADER = jar("bpf-loader/target/telemetry-host-loader-" + VERSION + "-all.jar");

    private Build() {}

    private static Path jar(String path) {
        Path jar = TREE.resolve(path);
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is not built: run \"./dev build\" or \"mvn verify\" first");
        }
        return jar;
    }

    /** A port of the loopback interface that was free a moment ago. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
