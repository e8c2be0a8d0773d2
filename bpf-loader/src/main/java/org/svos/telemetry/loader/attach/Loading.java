package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.bpf.BpfObject;
import org.svos.telemetry.loader.bpf.Libbpf;
import org.svos.telemetry.loader.record.Hook;

/**
 * Loads the object for one mechanism, upon the maps that are pinned if there are any. What is attached goes on with this
 * object's programs from then on.
 */
record Loading(Libbpf libbpf, Mechanism mechanism, int ringBytes) {

    private static final System.Logger LOG = System.getLogger(Loading.class.getName());
    private static final String RESOURCES = "/org/svos/telemetry/loader/bpf/";

    /** Loads it, and pins the maps that are new. */
    <E extends Exception> LoadedMaps load(@Nullable Pins pins, RingBook<E> book) throws BpfFault, E {
        Map<String, BpfHandle> kept = pins == null ? Map.of() : pins.maps(book);
        BpfObject object = libbpf.open(image(mechanism.object()), "telemetry");
        boolean done = false;
        try {
            for (Map.Entry<String, BpfHandle> map : kept.entrySet()) {
                if (pins != null && !object.reuse(map.getKey(), map.getValue())) {
                    pins.replace("are of another version: the map " + map.getKey() + " has other entries");
                    return load(pins, book);
                }
            }
            if (kept.isEmpty()) {
                object.resize(Pins.RING, ringBytes);
            }
            prepare(object);
            object.load();
            for (Hook hook : Hook.ALL) {
                object.setProgram(Pins.PROGRAMS, hook.code(), hook.program());
            }
            boolean pinned = pins != null && (!kept.isEmpty() || pin(object, pins));
            done = true;
            return LoadedMaps.of(object, kept, pinned);
        } finally {
            if (!done) {
                object.close();
                kept.values().forEach(BpfHandle::close);
            }
        }
    }

    private void prepare(BpfObject object) throws BpfFault {
        for (Hook hook : Hook.ALL) {
            mechanism.prepare(object.program(hook.program()));
            mechanism.prepare(object.program(LoadedMaps.entryName(hook)));
        }
    }

    private static boolean pin(BpfObject object, Pins pins) throws BpfFault {
        try {
            for (String map : Pins.MAPS) {
                BpfHandle.pin(object.mapFd(map), pins.path(map));
            }
            return true;
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.WARNING, "Nothing is pinned: " + e.getMessage());
            pins.empty();
            return false;
        }
    }

    private static byte[] image(String name) {
        try (@Nullable InputStream in = Loading.class.getResourceAsStream(RESOURCES + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + name + " cannot be read", e);
        }
    }
}
