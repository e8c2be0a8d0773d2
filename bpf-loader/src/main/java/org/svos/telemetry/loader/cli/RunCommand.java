package org.svos.telemetry.loader.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Lack;
import org.svos.telemetry.loader.attach.Pins;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.FilePages;
import org.svos.telemetry.loader.capture.Capture;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.config.ConfigReader;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.upload.Uploader;

/**
 * Captures and posts until the process is asked to end: then drains the ring, uploads for a while, and prints the ledger.
 * It stays attached if it could pin, and detaches before the last drain if not.
 */
final class RunCommand {

    private static final System.Logger LOG = System.getLogger(RunCommand.class.getName());

    /** How long after the start pages are given back for the first time; each further pause is twice the last one. */
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private RunCommand() {}

    static int run(Config config, Reload.Source source) throws Exception {
        Shutdown shutdown = Shutdown.install();
        Reload reload = new Reload(config, source);
        reload.listen();
        int code = ExitCode.FAULT;
        try {
            code = run(config, shutdown, reload);
        } finally {
            shutdown.ended(code);
        }
        return code;
    }

    private static int run(Config config, Shutdown shutdown, Reload reload) throws Exception {
        try (DataFolder folder = DataFolder.take(config.data())) {
            if (folder == null) {
                System.err.println("svos-kernel-telemetry-host: another loader runs on " + config.data()
                        + " (setting data): a host needs one only");
                return ExitCode.FAULT;
            }
            try (NativeFolder _ = NativeFolder.prepare(config.data())) {
                return attach(config, shutdown, reload);
            }
        }
    }

    private static int attach(Config config, Shutdown shutdown, Reload reload) throws Exception {
        Preflight preflight = Preflight.look(config.attach(), KernelFiles.OF_THIS_MACHINE);
        if (!preflight.lacks().isEmpty()) {
            return cannotBeProbed(preflight.lacks());
        }
        return switch (Pins.take(config.pins(), KernelFiles.OF_THIS_MACHINE)) {
            case Pins.Taking.Taken taken -> {
                try (Pins pins = taken.pins()) {
                    yield attach(config, preflight, pins, shutdown, reload);
                }
            }
            case Pins.Taking.Off off -> {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Nothing is pinned: " + off.why()
                                + ". If the loader is killed, what its ring holds is lost; while it does not run,"
                                + " calls are missed.");
                yield attach(config, preflight, null, shutdown, reload);
            }
            case Pins.Taking.InUse inUse -> {
                System.err.println("svos-kernel-telemetry-host: another loader holds the pins in " + inUse.folder()
                        + ": stop it, or give this one a folder of its own (setting pins)");
                yield ExitCode.FAULT;
            }
        };
    }

    private static int attach(Config config, Preflight preflight, @Nullable Pins pins, Shutdown shutdown, Reload reload)
            throws Exception {
        // The port first: were it taken with the probes live, what they have put into the ring would be lost uncounted.
        try (StatusServer server = new StatusServer(config.httpAddress(), config.httpPort());
                Spool spool = Spool.open(DataFolder.spool(config.data()), HostIdentity.bootId(), config.spool())) {
            SpoolBook book = SpoolBook.of(spool);
            Attachment.Attempt attempt = config.owner().captures()
                    ? Attachment.attach(preflight, KernelFiles.OF_THIS_MACHINE, config.ringBytes(), pins, book)
                    : Attachment.load(preflight, KernelFiles.OF_THIS_MACHINE, config.ringBytes(), pins, book);
            return switch (attempt) {
                case Attachment.Attempt.Attached attached ->
                    capture(config, attached.attachment(), spool, server, shutdown, reload);
                case Attachment.Attempt.Failed failed -> cannotBeProbed(failed.lacks());
            };
        }
    }

    private static int cannotBeProbed(List<Lack> lacks) {
        System.err.println("svos-kernel-telemetry-host: this kernel cannot be probed");
        DoctorCommand.print(lacks, System.err);
        return ExitCode.CANNOT_BE_PROBED;
    }

    private static int capture(
            Config config, Attachment attachment, Spool spool, StatusServer server, Shutdown shutdown, Reload reload)
            throws Exception {
        String version = ConfigReader.version();
        Host host = HostIdentity.of(config, version);
        attachment.limit(config.guardEventsPerSecond());
        try (Uploader uploader = new Uploader(config, spool, version);
                Capture capture = new Capture(attachment, spool, config.batch(), host, uploader::wake)) {
            capture.settings(config.owner(), config.batch());
            shutdown.stopBy(capture::stop);
            if (attachment.isResumed() && config.owner().captures()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "Going on with the ring that was pinned in " + attachment.pinnedIn() + ": nothing was missed.");
            }
            try (Supervisor supervisor = Supervisor.of(System.getenv())) {
                return capture(server, new Loader(capture, spool, uploader), supervisor, reload);
            }
        }
    }

    private static String doing(Capture capture) {
        return capture.offSince() != null
                ? "capturing: nothing, as the setting owner.capture is off"
                : "capturing: by " + capture.mechanism() + ", "
                        + Hook.ALL.stream().map(Hook::function).collect(Collectors.joining(", "))
                        + (capture.isWaitingForModule() ? " once the module telemetry is loaded" : "");
    }

    /**
     * Once all has been in use, what only the start needed is given back: two thirds of what is resident of files. Then, ever less
     * often, what only the way to its full speed needed, such as the compiler.
     */
    private static void settle() {
        try {
            for (Duration pause = SETTLED; ; pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE)) {
                Thread.sleep(pause);
                LOG.log(System.Logger.Level.DEBUG, "Given back, of files: " + FilePages.release() + " bytes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static int capture(StatusServer server, Loader loader, Supervisor supervisor, Reload reload)
            throws Exception {
        int code = ExitCode.AS_ASKED;
        // Closed before what it tells of is; that it is closed again later does nothing.
        try (server) {
            server.serve(loader);
            loader.uploader().start();
            System.out.println(doing(loader.capture()) + "; status on http://127.0.0.1:" + server.port() + "/status");
            supervisor.ready(loader.state(), loader.capture()::lastDrainAge);
            Thread.ofVirtual().start(RunCommand::settle);
            Thread reloading = Thread.ofVirtual().name("reload").start(() -> reload.serve(loader, supervisor));
            loader.capture().run();
            reloading.interrupt();
            supervisor.stopping();
            loader.uploader().drain(reload.current().stopTimeout());
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.ERROR, "The capture failed: " + e.getMessage());
            code = ExitCode.FAULT;
        }
        loader.uploader().close();
        Path pins = loader.capture().pinnedIn();
        if (pins != null && loader.capture().offSince() == null) {
            System.out.println("the functions stay attached: calls wait in the ring, pinned in " + pins
                    + ", for the next loader; the command detach ends that");
        }
        Balance balance = loader.capture().balance();
        if (balance.imbalance() != 0) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "The ledger does not add up by " + balance.imbalance() + " events: a defect of the loader.");
        }
        System.out.println(balance.line());
        return code;
    }
}
