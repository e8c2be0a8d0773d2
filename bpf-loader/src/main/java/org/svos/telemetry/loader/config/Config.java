package org.svos.telemetry.loader.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/**
 * The settings, as {@code config.yaml} beside this class explains them.
 *
 * @param given each setting's text by its key
 */
public record Config(
        Gateway gateway,
        Path tokenFile,
        Path data,
        HostNames host,
        Owner owner,
        Attach attach,
        @Nullable Path pins,
        int ringBytes,
        int guardEventsPerSecond,
        Batching batch,
        SpoolBounds spool,
        Upload upload,
        Duration stopTimeout,
        InetAddress httpAddress,
        int httpPort,
        Map<String, String> given) {

    /** The keys of these settings whose values are others in those. */
    public SortedSet<String> differences(Config those) {
        SortedSet<String> keys = new TreeSet<>();
        given.forEach((key, value) -> {
            if (!value.equals(those.given.get(key))) {
                keys.add(key);
            }
        });
        return keys;
    }

    /**
     * Where batches are posted to.
     *
     * @param proxy null for none
     * @param http2 whether HTTP/2 is spoken where it is offered
     */
    public record Gateway(
            URI url,
            Duration connectTimeout,
            Duration requestTimeout,
            TlsFiles tls,
            @Nullable URI proxy,
            boolean http2) {}

    /** PEM files for https: the CA, null for the system's; own certificate and key, null for none. */
    public record TlsFiles(
            @Nullable Path ca,
            @Nullable Path certificate,
            @Nullable Path key) {}

    /** What this host is called; null where the loader finds out itself. */
    public record HostNames(@Nullable String id, @Nullable String name) {}

    /**
     * What the host's owner withholds.
     *
     * @param captures whether anything is captured
     * @param allowed the sandboxes that alone are captured; empty for all
     * @param denied those that are not, also of the allowed ones
     * @param droppedFields names of fields that payloads lose
     */
    public record Owner(boolean captures, Set<SandboxId> allowed, Set<SandboxId> denied, List<String> droppedFields) {

        /** Nothing is withheld. */
        public static final Owner OPEN = new Owner(true, Set.of(), Set.of(), List.of());

        public Owner {
            allowed = Set.copyOf(allowed);
            denied = Set.copyOf(denied);
            droppedFields = List.copyOf(droppedFields);
        }
    }

    /** How to attach. */
    public record Attach(Mechanism mechanism, @Nullable Path library, String libbpf) {

        /** The ways there are. */
        public enum Mechanism {
            AUTO,
            KPROBE,
            KPROBE_MULTI,
            TRACEFS,
            UPROBE;

            /** As the settings spell it. */
            String word() {
                return name().toLowerCase(Locale.ROOT).replace('_', '.');
            }
        }
    }

    /** When a batch is closed. */
    public record Batching(Duration maxAge, int maxEvents, int maxBytes) {}

    /**
     * What waits in the spool at most; beyond either the oldest goes, counted.
     *
     * @param bytes of compressed bodies
     * @param age since it was spooled
     */
    public record SpoolBounds(long bytes, Duration age) {}

    /**
     * How batches are posted.
     *
     * @param mergeEvents of a batch that several become that wait
     * @param mergeBytes of its body, uncompressed
     * @param bytesPerSecond of compressed bodies; 0 for no limit
     */
    public record Upload(
            int concurrency,
            Duration firstPause,
            Duration longestPause,
            Duration parkedPause,
            int mergeEvents,
            int mergeBytes,
            long bytesPerSecond) {}
}
