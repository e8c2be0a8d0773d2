package org.svos.telemetry.loader.capture;

import com.sun.jna.NativeLibrary;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.cli.OwnKernel;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.CpuCounts;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.ring.RingReader;

/** The programs attached to the library of this test, on this machine's own kernel, with nobody but the test to read. */
final class OwnProbes implements AutoCloseable {

    final Attachment attachment;
    final KernelCounters counters;
    private final RingMapping mapping;
    private final RingReader reader;

    OwnProbes(int ringBytes) throws Exception {
        Preflight preflight = Preflight.look(
                new Config.Attach(Config.Attach.Mechanism.UPROBE, OwnKernel.LIBRARY, "libbpf.so.1"),
                KernelFiles.OF_THIS_MACHINE);
        attachment = switch (Attachment.attach(preflight, KernelFiles.OF_THIS_MACHINE, ringBytes, null, new NoBook())) {
            case Attachment.Attempt.Attached attached -> attached.attachment();
            case Attachment.Attempt.Failed failed -> throw new AssertionError(failed.lacks());
        };
        counters = new KernelCounters(attachment);
        mapping = RingMapping.map(attachment.ringFd(), attachment.ringBytes());
        reader = new RingReader(mapping);
    }

    void call(Hook hook, @Nullable String... strings) {
        NativeLibrary.getInstance(OwnKernel.LIBRARY.toString())
                .getFunction("svos_" + hook.function())
                .invokeVoid(strings);
    }

    void call(int times, Hook hook, @Nullable String... strings) {
        IntStream.range(0, times).forEach(_ -> call(hook, strings));
    }

    /** Takes all that is in the ring; how many records there were. */
    int drain() {
        IntUnaryOperator more = taken -> taken + reader.read((memory, offset, length) -> {}, 1000);
        int taken = 0;
        for (int now = more.applyAsInt(taken); now > taken; now = more.applyAsInt(taken)) {
            taken = now;
        }
        reader.release();
        return taken;
    }

    CpuCounts byCpu() throws Exception {
        return counters.byCpu();
    }

    HookCounts of(Hook hook) throws Exception {
        return counters.read().of(hook);
    }

    @Override
    public void close() {
        mapping.close();
        attachment.close();
    }
}
