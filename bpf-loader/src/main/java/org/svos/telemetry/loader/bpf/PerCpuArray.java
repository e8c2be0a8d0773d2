package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;

/** A per-CPU array map. Not for several threads at once: one buffer serves all reads. */
public final class PerCpuArray {

    private final String name;
    private final int fd;
    private final int stride;
    private final int cpus;
    private final Memory key = new Memory(Integer.BYTES);
    private final Memory values;

    /** The array of that descriptor, which must stay open as long as the array is used. */
    public PerCpuArray(String name, int fd, int valueBytes) throws BpfFault {
        this.name = name;
        this.fd = fd;
        // The kernel hands out each CPU's value at a multiple of 8.
        this.stride = (valueBytes + 7) & ~7;
        this.cpus = LibBpf.libbpf_num_possible_cpus();
        if (cpus < 0) {
            throw BpfFault.of("counting", "this machine's CPUs", -cpus);
        }
        this.values = new Memory((long) stride * cpus);
    }

    /** CPUs that the machine can have, each of which has an entry. */
    public int cpus() {
        return cpus;
    }

    /** Reads the entry of every CPU, for the getter below. */
    public void read(int index) throws BpfFault {
        key.setInt(0, index);
        int error = LibBpf.bpf_map_lookup_elem(fd, key, values);
        if (error < 0) {
            throw BpfFault.of("reading entry " + index, "map " + name, -error);
        }
    }

    /** A CPU's u64 at that offset of the entry that was read last. */
    public long number(int cpu, int offset) {
        return values.getLong((long) cpu * stride + offset);
    }

    /** Adds to the entry that was read last, at that offset, on one CPU; only while nobody else writes to it. */
    public void add(int offset, long more) {
        values.setLong(offset, values.getLong(offset) + more);
    }

    /** Writes the entry of every CPU as it was read and added to. */
    public void write() throws BpfFault {
        int error = LibBpf.bpf_map_update_elem(fd, key, values, 0);
        if (error < 0) {
            throw BpfFault.of("writing entry " + key.getInt(0), "map " + name, -error);
        }
    }
}
