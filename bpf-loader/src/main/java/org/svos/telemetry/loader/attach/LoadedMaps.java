package org.svos.telemetry.loader.attach;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.bpf.BpfObject;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/** The maps, with the object whose programs use them, unless only the pinned maps are looked at. */
final class LoadedMaps implements AutoCloseable {

    private final @Nullable BpfObject object;
    private final Map<String, BpfHandle> kept;
    private final boolean pinned;

    private LoadedMaps(@Nullable BpfObject object, Map<String, BpfHandle> kept, boolean pinned) {
        this.object = object;
        this.kept = kept;
        this.pinned = pinned;
    }

    /**
     * The maps of an object that is loaded.
     *
     * @param kept those of them that were pinned before
     * @param pinned whether they are now
     */
    static LoadedMaps of(BpfObject object, Map<String, BpfHandle> kept, boolean pinned) {
        return new LoadedMaps(object, kept, pinned);
    }

    /** Maps that are pinned, with no programs beside those that are attached. */
    static LoadedMaps withoutPrograms(Map<String, BpfHandle> kept) {
        return new LoadedMaps(null, kept, true);
    }

    /** Whether they outlive the process. */
    boolean arePinned() {
        return pinned;
    }

    /** Whether they were there before this process. */
    boolean arePinnedBefore() {
        return !kept.isEmpty();
    }

    int fd(String map) throws BpfFault {
        BpfHandle there = kept.get(map);
        if (there != null) {
            return there.fd();
        }
        if (object == null) {
            throw new IllegalStateException("no map " + map);
        }
        return object.mapFd(map);
    }

    long ringId() throws BpfFault {
        return BpfHandle.MapInfo.of(fd(Pins.RING)).id();
    }

    /** The program that is to be attached to a function. */
    BpfProgram entry(Hook hook) throws BpfFault {
        if (object == null) {
            throw new IllegalStateException("no programs are loaded");
        }
        return object.program(entryName(hook));
    }

    static String entryName(Hook hook) {
        return "at_" + hook.function();
    }

    @Override
    public void close() {
        kept.values().forEach(BpfHandle::close);
        if (object != null) {
            object.close();
        }
    }
}
