package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of a process and all that came of it, as {@code /proc/PID/stat} has it, in ticks of 10 ms. */
final class Cpu {

    private static final long MICROS_A_TICK = 10_000;

    // Fields of the line, counted from behind the name in parentheses, which is the second.
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int USER_OF_ENDED_CHILDREN = 13;
    private static final int SYSTEM_OF_ENDED_CHILDREN = 14;

    private Cpu() {}

    /** Microseconds of a process, of its children that run, and of those that have ended. */
    static long micros(long process) {
        long ticks = ticks(process, true);
        for (ProcessHandle child :
                ProcessHandle.of(process).orElseThrow().descendants().toList()) {
            ticks += ticks(child.pid(), false);
        }
        return ticks * MICROS_A_TICK;
    }

    private static long ticks(long process, boolean withEnded) {
        String line;
        try {
            line = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
        } catch (IOException e) {
            if (!withEnded) {
                return 0; // It has ended meanwhile: its parent has it now.
            }
            throw new UncheckedIOException(e);
        }
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
        return withEnded
                ? ticks
                        + Long.parseLong(fields[USER_OF_ENDED_CHILDREN])
                        + Long.parseLong(fields[SYSTEM_OF_ENDED_CHILDREN])
                : ticks;
    }
}
