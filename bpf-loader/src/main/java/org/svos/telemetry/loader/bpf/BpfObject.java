package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** An opened BPF object: its maps and programs. Closing it takes them out of the kernel unless something holds them. */
public final class BpfObject implements AutoCloseable {

    private final String name;
    private @Nullable Pointer object;

    BpfObject(Pointer object, String name) {
        this.object = object;
        this.name = name;
    }

    /** Sets the entries of a map, bytes for a ring; before {@link #load()} only. */
    public void resize(String map, int entries) throws BpfFault {
        int error = LibBpf.bpf_map__set_max_entries(map(map), entries);
        if (error < 0) {
            throw BpfFault.of("resizing to " + entries, "map " + map, -error);
        }
    }

    /** Creates the maps and has the kernel verify the programs. */
    public void load() throws BpfFault {
        int error = LibBpf.bpf_object__load(open());
        if (error < 0) {
            throw BpfFault.of("loading", name, -error);
        }
    }

    /**
     * Has the object use a map that is there already, before {@link #load()} only.
     *
     * @return false if it is not such a map as the object's programs were written for
     */
    public boolean reuse(String map, BpfHandle there) throws BpfFault {
        Pointer mine = map(map);
        if (LibBpf.bpf_map__value_size(mine) != there.map().valueBytes()) {
            return false;
        }
        int error = LibBpf.bpf_map__reuse_fd(mine, there.fd());
        if (error < 0) {
            throw BpfFault.of("using the pinned one", "map " + map, -error);
        }
        return true;
    }

    /** Puts a program of the object into an entry of a map of programs; a call takes the old one or the new one. */
    public void setProgram(String map, int index, String program) throws BpfFault {
        Memory key = new Memory(Integer.BYTES);
        key.setInt(0, index);
        Memory value = new Memory(Integer.BYTES);
        value.setInt(0, program(program).fd());
        int error = LibBpf.bpf_map_update_elem(mapFd(map), key, value, 0);
        if (error < 0) {
            throw BpfFault.of("setting entry " + index, "map " + map, -error);
        }
    }

    /** The descriptor of a map of the loaded object; it belongs to the object. */
    public int mapFd(String map) throws BpfFault {
        int fd = LibBpf.bpf_map__fd(map(map));
        if (fd < 0) {
            throw BpfFault.of("getting the descriptor", "map " + map, -fd);
        }
        return fd;
    }

    /** A program of the object. */
    public BpfProgram program(String program) throws BpfFault {
        Pointer found = LibBpf.bpf_object__find_program_by_name(open(), program);
        if (found == null) {
            throw BpfFault.absent("program", program);
        }
        return new BpfProgram(found, program);
    }

    private Pointer map(String map) throws BpfFault {
        Pointer found = LibBpf.bpf_object__find_map_by_name(open(), map);
        if (found == null) {
            throw BpfFault.absent("map", map);
        }
        return found;
    }

    private Pointer open() {
        if (object == null) {
            throw new IllegalStateException("the BPF object " + name + " is closed");
        }
        return object;
    }

    @Override
    public void close() {
        if (object != null) {
            LibBpf.bpf_object__close(object);
            object = null;
        }
    }
}
