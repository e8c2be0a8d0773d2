package org.svos.telemetry.loader.bpf;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** A program's hold on a function. It ends with {@link #close()}, or with the process. */
public final class BpfLink implements AutoCloseable {

    private @Nullable Pointer link;

    BpfLink(Pointer link) {
        this.link = link;
    }

    @Override
    public void close() {
        if (link != null) {
            LibBpf.bpf_link__destroy(link);
            link = null;
        }
    }
}
