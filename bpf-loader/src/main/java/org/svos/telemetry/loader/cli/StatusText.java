package org.svos.telemetry.loader.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.CpuCounts;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelSum;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.upload.LaneState;

/** The running loader's state, for people. The line that begins with "ledger:" is for scripts too. */
final class StatusText {

    private static final int MOST_LANES = 20;
    private static final int MOST_CPUS = 64;
    private static final int MOST_SANDBOXES = 5;

    /** Longer than this without a look at the ring, and something is wrong. */
    static final Duration LATE = Duration.ofSeconds(10);

    private StatusText() {}

    static String of(Loader loader) {
        Balance balance = loader.capture().balance();
        StringBuilder text = new StringBuilder();
        Instant offSince = loader.capture().offSince();
        text.append(
                offSince != null
                        ? "running, capture is off since " + offSince.truncatedTo(ChronoUnit.SECONDS)
                                + " (setting owner.capture): nothing is attached, and no call is seen\n"
                        : "running, attached by " + loader.capture().mechanism()
                                + (loader.capture().isWaitingForModule() ? ", waiting for the module telemetry" : "")
                                + "\n");
        owner(loader, text);
        Path pins = loader.capture().pinnedIn();
        text.append(
                        pins == null
                                ? "not pinned: what the ring holds would be lost with the process"
                                : "pinned in " + pins)
                .append('\n');
        Duration age = loader.capture().lastDrainAge();
        if (age.compareTo(LATE) > 0) {
            text.append("LATE: the ring was last read ").append(age.toSeconds()).append(" s ago\n");
        }
        for (Hook hook : Hook.ALL) {
            HookCounts counts = balance.kernel().of(hook);
            text.append("hook %-20s %s%n".formatted(hook.function(), line(counts)));
        }
        cpus(loader, text);
        HookCounts total = balance.kernel().total();
        text.append(
                "lost: ring full %d, probe fault %d, recursion %d, throttled %d, spool evicted %d, unclean stop %d%n"
                        .formatted(
                                total.ringFull(),
                                total.probeFault(),
                                total.recursion(),
                                total.throttled(),
                                balance.settled().spoolEvicted(),
                                balance.settled().uncleanStop()));
        balance.settled().rejected().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(reason -> text.append("rejected: %s %d%n".formatted(reason.getKey(), reason.getValue())));
        balance.settled().withheld().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(reason -> text.append("withheld: %s %d%n".formatted(reason.getKey(), reason.getValue())));
        text.append("spool: %d events, %d bytes%n"
                .formatted(loader.spool().events(), loader.spool().bytes()));
        loader.uploader().lanes().stream()
                .filter(lane -> lane.why() != null)
                .limit(MOST_LANES)
                .forEach(lane -> text.append(line(lane)));
        if (loader.capture().doubles() > 0) {
            text.append("records that came a second time: ")
                    .append(loader.capture().doubles())
                    .append('\n');
        }
        for (Text cut : Text.values()) {
            long events = loader.capture().truncated(cut);
            if (events > 0) {
                text.append("cut, being too long: %s %d%n".formatted(cut.label(), events));
            }
        }
        for (KernelSum.Imbalance imbalance : loader.capture().imbalances()) {
            text.append("IMBALANCE: %d events of %s on CPU %d, a defect of the BPF program: %s%n"
                    .formatted(
                            imbalance.events(),
                            imbalance.hook().function(),
                            imbalance.cpu(),
                            line(imbalance.counts())));
        }
        if (balance.hostImbalance() != 0) {
            text.append("IMBALANCE: ").append(balance.hostImbalance()).append(" events, a defect of the loader\n");
        }
        return text.append(balance.line()).append('\n').toString();
    }

    /** What the host's owner withholds. */
    private static void owner(Loader loader, StringBuilder text) {
        Config.Owner owner = loader.capture().owner();
        if (!owner.allowed().isEmpty()) {
            text.append("owner: %d sandboxes alone are captured (owner.allowSandboxes): %s%n"
                    .formatted(owner.allowed().size(), some(owner.allowed())));
        }
        if (!owner.denied().isEmpty()) {
            text.append("owner: %d sandboxes are not captured (owner.denySandboxes): %s%n"
                    .formatted(owner.denied().size(), some(owner.denied())));
        }
        if (!owner.droppedFields().isEmpty()) {
            text.append(
                    "owner: payloads lose the fields %s (owner.dropFields); %d payloads withheld whole, being no JSON%n"
                            .formatted(
                                    String.join(", ", owner.droppedFields()),
                                    loader.capture().withheldPayloads()));
        }
    }

    private static String some(Set<SandboxId> sandboxes) {
        return sandboxes.stream()
                        .map(SandboxId::value)
                        .sorted()
                        .limit(MOST_SANDBOXES)
                        .collect(Collectors.joining(", "))
                + (sandboxes.size() > MOST_SANDBOXES ? ", …" : "");
    }

    /** A line for each CPU that saw calls since the programs were loaded. */
    private static void cpus(Loader loader, StringBuilder text) {
        try {
            CpuCounts counts = loader.capture().countsByCpu();
            IntStream.range(0, counts.cpus())
                    .filter(cpu -> counts.of(cpu).seen() > 0)
                    .limit(MOST_CPUS)
                    .forEach(cpu -> text.append("cpu %-21d %s%n".formatted(cpu, line(counts.of(cpu)))));
        } catch (BpfFault e) {
            text.append("the counters cannot be read: ").append(e.getMessage()).append('\n');
        }
    }

    private static String line(HookCounts counts) {
        return "seen %d, captured %d, ring full %d, probe fault %d, recursion %d, throttled %d"
                .formatted(
                        counts.seen(),
                        counts.captured(),
                        counts.ringFull(),
                        counts.probeFault(),
                        counts.recursion(),
                        counts.throttled());
    }

    private static String line(LaneState lane) {
        return "sandbox %s waits until %s: %s%n".formatted(lane.sandbox(), lane.until(), lane.why());
    }
}
