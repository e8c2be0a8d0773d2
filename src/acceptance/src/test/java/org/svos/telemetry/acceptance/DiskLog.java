package org.svos.telemetry.acceptance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a {@link WatchedDisk} saw: writes with the markers in them, syncs, and answers with theirs. Times are nanoseconds of one
 * clock.
 */
final class DiskLog {

    /** Bytes with a marker are in a file, for the system; not yet on the disk. */
    private record Write(long end, long file) {}

    private record Sync(long begin, long end) {}

    /** The syncs of one file: those that succeeded by their begin, and those that did not. */
    private static final class Syncs {
        private final TreeMap<Long, Sync> succeeded = new TreeMap<>();
        private final List<Sync> failed = new ArrayList<>();
    }

    private final Map<String, List<Write>> writes = new HashMap<>();
    private final Map<Long, Syncs> syncs = new HashMap<>();
    private final Map<String, Long> answers = new HashMap<>();

    private DiskLog() {}

    static DiskLog of(List<String> lines) {
        DiskLog log = new DiskLog();
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "w" -> log.write(words);
                case "s" -> log.sync(words);
                case "a" -> log.answer(words);
                default -> throw new IllegalStateException("no line of the watched disk: " + line);
            }
        }
        return log;
    }

    private void write(String[] words) {
        Write write = new Write(Long.parseLong(words[1]), Long.parseLong(words[2]));
        for (int i = 3; i < words.length; i++) {
            writes.computeIfAbsent(words[i], marker -> new ArrayList<>()).add(write);
        }
    }

    private void sync(String[] words) {
        Sync sync = new Sync(Long.parseLong(words[1]), Long.parseLong(words[2]));
        Syncs ofFile = syncs.computeIfAbsent(Long.parseLong(words[3]), file -> new Syncs());
        if (words[4].equals("0")) {
            ofFile.succeeded.put(sync.begin, sync);
        } else {
            ofFile.failed.add(sync);
        }
    }

    private void answer(String[] words) {
        if (words[2].equals("202") || words[2].equals("200")) {
            for (int i = 3; i < words.length; i++) {
                answers.putIfAbsent(words[i], Long.parseLong(words[1]));
            }
        }
    }

    /** Whether that marker has been written to any file, on its way to the disk. */
    boolean isWritten(String marker) {
        return writes.containsKey(marker);
    }

    /** When the process began to say that this marker's batch is kept; nothing if it never did. */
    OptionalLong toldKept(String marker) {
        Long at = answers.get(marker);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    /**
     * When that marker was first on the disk for sure: at the end of a sync that succeeded and had begun after it was written,
     * with no sync of that file failing in between, as such a one may have dropped it. The greatest long if it never was.
     */
    long durableAt(String marker) {
        long earliest = Long.MAX_VALUE;
        for (Write write : writes.getOrDefault(marker, List.of())) {
            Syncs ofFile = syncs.getOrDefault(write.file, new Syncs());
            Map.Entry<Long, Sync> next = ofFile.succeeded.ceilingEntry(write.end);
            if (next != null && !mayHaveDropped(ofFile.failed, write, next.getValue())) {
                earliest = Math.min(earliest, next.getValue().end);
            }
        }
        return earliest;
    }

    private static boolean mayHaveDropped(List<Sync> failed, Write write, Sync next) {
        return failed.stream().anyMatch(sync -> sync.end >= write.end && sync.begin <= next.end);
    }

    /** How many syncs succeeded that began between those times, of all files. */
    long syncs(long from, long to) {
        return syncs.values().stream()
                .mapToLong(ofFile -> ofFile.succeeded.subMap(from, to).size())
                .sum();
    }
}
