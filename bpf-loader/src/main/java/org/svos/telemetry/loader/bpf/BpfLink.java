package org.svos.telemetry.loader.bpf;

import com.sun.jna.Pointer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A program's hold on a function. Unless it is pinned it ends with {@link #close()}, or with the process; if it is, the
 * pin must go as well.
 */
public final class BpfLink implements AutoCloseable {

    private @Nullable Pointer link;

    BpfLink(Pointer link) {
        this.link = link;
    }

    /** Keeps the link in the kernel under that path of a BPF file system. */
    public void pin(Path path) throws BpfFault {
        BpfHandle.pin(LibBpf.bpf_link__fd(open()), path);
    }

    /** Lets go of the link without ending it, for it is pinned. Its descriptors stay until the process ends. */
    public void leave() {
        if (link != null) {
            // Without this, libbpf disables the probe itself, which the pin's holder would not notice.
            LibBpf.bpf_link__disconnect(link);
            LibBpf.bpf_link__destroy(link);
            link = null;
        }
    }

    /** Calls of the function at which the kernel ran no probe; see {@link BpfHandle.LinkInfo}. */
    public long missed() throws BpfFault {
        return BpfHandle.LinkInfo.of(LibBpf.bpf_link__fd(open())).missed();
    }

    private Pointer open() {
        if (link == null) {
            throw new IllegalStateException("the link is closed");
        }
        return link;
    }

    @Override
    public void close() {
        if (link != null) {
            LibBpf.bpf_link__destroy(link);
            link = null;
        }
    }
}
