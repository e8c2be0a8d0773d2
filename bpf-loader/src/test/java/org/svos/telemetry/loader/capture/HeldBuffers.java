package org.svos.telemetry.loader.capture;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes all buffers of the program as calls do that are preempted within it, until closed. Really to be preempted there
 * four times over is a matter of luck, and impossible on a kernel that does not preempt itself.
 */
final class HeldBuffers implements AutoCloseable {

    private static final int BUFFERS = 4;
    private static final int VALUE_BYTES = 8 + 56 + 64 + 256 + 4096;
    private static final NativeLibrary LIBBPF = NativeLibrary.getInstance("libbpf.so.1");

    private final int fd;
    private final Memory values;

    /** This process's only map of that form. */
    HeldBuffers() throws IOException {
        fd = descriptor();
        values = new Memory((long) VALUE_BYTES
                * LIBBPF.getFunction("libbpf_num_possible_cpus").invokeInt(null));
        take(1);
    }

    private static int descriptor() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fdinfo"))) {
            List<Path> ours = descriptors.filter(HeldBuffers::isScratch).toList();
            if (ours.size() != 1) {
                throw new AssertionError("maps with buffers: " + ours);
            }
            return Integer.parseInt(ours.getFirst().getFileName().toString());
        }
    }

    private static boolean isScratch(Path descriptor) {
        try {
            List<String> lines = Files.readAllLines(descriptor);
            return lines.contains("map_type:\t6") && lines.contains("value_size:\t" + VALUE_BYTES);
        } catch (IOException e) {
            return false; // Closed since it was listed.
        }
    }

    private void take(int taken) {
        values.clear();
        for (long at = 0; at < values.size(); at += VALUE_BYTES) {
            values.setLong(at, taken);
        }
        Memory key = new Memory(Integer.BYTES);
        for (int buffer = 0; buffer < BUFFERS; buffer++) {
            key.setInt(0, buffer);
            int error = LIBBPF.getFunction("bpf_map_update_elem").invokeInt(new Object[] {fd, key, values, 0L});
            if (error != 0) {
                throw new AssertionError("the buffers cannot be written: " + error);
            }
        }
    }

    @Override
    public void close() {
        take(0);
    }
}
