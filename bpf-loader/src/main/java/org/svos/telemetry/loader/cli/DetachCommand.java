package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Leftovers;
import org.svos.telemetry.loader.attach.Pins;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.capture.Capture;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.config.ConfigReader;
import org.svos.telemetry.loader.ledger.Settled;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/**
 * Removes what a loader left in the kernel: lets go of the functions, puts what waits in the ring into the spool, where
 * the next loader finds it, and removes every pin and every trace event.
 */
final class DetachCommand {

    private DetachCommand() {}

    static int run(Config config, PrintStream out) throws IOException, BpfFault, SpoolFault {
        try (DataFolder folder = DataFolder.take(config.data())) {
            if (folder == null) {
                out.println("a loader is running on " + config.data()
                        + " and holds its probes; stop it (systemctl stop, or SIGTERM) first");
                return ExitCode.FAULT;
            }
            try (NativeFolder _ = NativeFolder.prepare(config.data())) {
                return detach(config, out);
            }
        }
    }

    private static int detach(Config config, PrintStream out) throws IOException, BpfFault, SpoolFault {
        Preflight preflight = Preflight.look(config.attach(), KernelFiles.OF_THIS_MACHINE);
        if (preflight.libbpf() == null) {
            DoctorCommand.print(preflight, out);
            return ExitCode.CANNOT_BE_PROBED;
        }
        return switch (Pins.take(config.pins(), KernelFiles.OF_THIS_MACHINE)) {
            case Pins.Taking.Taken taken -> {
                try (Pins pins = taken.pins()) {
                    yield detach(config, pins, out);
                }
            }
            case Pins.Taking.Off off -> {
                out.println("no pins: " + off.why());
                yield tell(Leftovers.remove(null, KernelFiles.OF_THIS_MACHINE), out);
            }
            case Pins.Taking.InUse inUse -> {
                out.println("another loader, with another data folder, holds the pins in " + inUse.folder()
                        + "; stop it first");
                yield ExitCode.FAULT;
            }
        };
    }

    private static int detach(Config config, Pins pins, PrintStream out) throws IOException, BpfFault, SpoolFault {
        Leftovers left = Leftovers.in(pins);
        try (Spool spool = Spool.open(DataFolder.spool(config.data()), HostIdentity.bootId(), config.spool())) {
            @Nullable
            Attachment attachment = Attachment.leftBehind(pins, SpoolBook.of(spool), KernelFiles.OF_THIS_MACHINE);
            if (attachment != null) {
                Settled before = spool.settled();
                try (Capture capture = new Capture(
                        attachment, spool, config.batch(), HostIdentity.of(config, ConfigReader.version()), _ -> {})) {
                    capture.settings(config.owner(), config.batch());
                    capture.finish();
                }
                Settled now = spool.settled();
                long withheld = now.withheldInAll() - before.withheldInAll();
                out.println((now.taken() - before.taken() - withheld)
                        + " events that waited in the ring are in the spool now, for the next loader to send"
                        + (withheld == 0 ? "" : "; " + withheld + " are withheld, as the settings of owner have it"));
            }
            if (spool.events() > 0) {
                out.println(spool.events() + " events wait in " + config.data()
                        + ": who removes it, or purges the package, loses them");
            }
        }
        return tell(Leftovers.remove(left, KernelFiles.OF_THIS_MACHINE), out);
    }

    private static int tell(Leftovers.Removal removal, PrintStream out) {
        out.println(removal.line());
        return removal.isComplete() ? ExitCode.AS_ASKED : ExitCode.FAULT;
    }
}
