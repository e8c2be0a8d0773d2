package org.svos.telemetry.loader.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import org.svos.telemetry.loader.attach.Checkup;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Lack;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.bpf.Libbpf;
import org.svos.telemetry.loader.config.Config;

/** Says what this machine has and lacks for the capture, and changes nothing. */
final class DoctorCommand {

    private DoctorCommand() {}

    static int run(Config config, PrintStream out) {
        Preflight preflight = Preflight.look(config.attach(), KernelFiles.OF_THIS_MACHINE);
        Libbpf libbpf = preflight.libbpf();
        if (libbpf != null) {
            out.println("libbpf     " + libbpf.version());
        }
        out.println("mechanism  " + preflight.mechanism().label());
        out.println("gateway    " + config.gateway().url());
        out.println("token      " + config.tokenFile()
                + (Files.isReadable(config.tokenFile()) ? "" : ": cannot be read, so nothing will be sent"));
        out.println("spool      " + config.data());
        Checkup.of(KernelFiles.OF_THIS_MACHINE).forEach(out::println);
        print(preflight, out);
        return preflight.lacks().isEmpty() ? ExitCode.AS_ASKED : ExitCode.CANNOT_BE_PROBED;
    }

    /** A line for each lack. */
    static void print(Preflight preflight, PrintStream out) {
        print(preflight.lacks(), out);
        if (preflight.lacks().isEmpty()) {
            out.println("nothing is lacking");
        }
    }

    static void print(Iterable<Lack> lacks, PrintStream out) {
        for (Lack lack : lacks) {
            out.println("lacking: " + lack.line());
            out.print(lack.said().indent(4));
        }
    }
}
