package org.svos.telemetry.loader.attach;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.TraceEvent;
import org.svos.telemetry.loader.record.Hook;

/**
 * The loader's kprobes among the events of tracefs, in a group of its own name. Such an event stays when its maker is
 * gone, so whoever comes next sweeps those that nobody holds.
 */
final class TraceEvents {

    /** The group's name. */
    static final String GROUP = "svos_telemetry_host";

    private static final System.Logger LOG = System.getLogger(TraceEvents.class.getName());
    private static final String PROBES = "kprobe_events";

    private final Path tracing;

    private TraceEvents(Path tracing) {
        this.tracing = tracing;
    }

    /** Those of this machine; null if tracefs is not mounted or has no kprobes. */
    static @Nullable TraceEvents of(KernelFiles kernel) {
        return kernel.tracing().stream()
                .filter(folder -> Files.exists(folder.resolve(PROBES)))
                .findFirst()
                .map(TraceEvents::new)
                .orElse(null);
    }

    static BpfFault gone() {
        return BpfFault.of("opening", PROBES, new FileNotFoundException("tracefs is not mounted"));
    }

    /** Makes an event of a function's entry and opens it. */
    TraceEvent add(Hook hook, boolean builtIn) throws BpfFault {
        String event = hook.function() + "_"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        String place = builtIn ? hook.function() : KernelFiles.MODULE + ":" + hook.function();
        try {
            change("p:" + GROUP + "/" + event + " " + place);
            Path id = tracing.resolve("events").resolve(GROUP).resolve(event).resolve("id");
            return TraceEvent.open(
                    GROUP + "/" + event, Long.parseLong(Files.readString(id).strip()));
        } catch (IOException e) {
            throw BpfFault.of("making trace event " + GROUP + "/" + event, place, e);
        }
    }

    /**
     * Removes the loader's events that nobody holds.
     *
     * @return how many are left, because somebody does
     */
    int sweep() {
        int busy = 0;
        for (String event : ours()) {
            try {
                change("-:" + event);
            } catch (IOException e) {
                busy++;
                LOG.log(System.Logger.Level.DEBUG, "The trace event " + event + " is in use", e);
            }
        }
        return busy;
    }

    /** GROUP/EVENT of each of ours; the file's lines are {@code p:GROUP/EVENT PLACE}. */
    private List<String> ours() {
        try {
            return Files.readAllLines(tracing.resolve(PROBES), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.contains(":" + GROUP + "/"))
                    .map(line -> line.substring(line.indexOf(':') + 1).split(" ", 2)[0])
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private void change(String line) throws IOException {
        // Opened for truncation, the file would drop everybody's probes.
        Files.writeString(
                tracing.resolve(PROBES),
                line + "\n",
                StandardCharsets.ISO_8859_1,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);
    }
}
