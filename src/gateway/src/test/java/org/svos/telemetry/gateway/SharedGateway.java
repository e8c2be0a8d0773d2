package org.svos.telemetry.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one gateway for all of them, started for the first. Each uses names of its own. */
public final class SharedGateway implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningGateway.class;
    }

    @Override
    public RunningGateway resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(SharedGateway.class))
                .computeIfAbsent("gateway", _ -> new Started(), Started.class)
                .gateway;
    }

    private static final class Started implements AutoCloseable {

        private final Path data;
        private final RunningGateway gateway;

        Started() {
            try {
                data = Files.createTempDirectory("gateway");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            gateway = RunningGateway.start(data);
        }

        @Override
        public void close() throws IOException {
            gateway.close();
            List<Path> deepestFirst;
            try (Stream<Path> files = Files.walk(data)) {
                deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
