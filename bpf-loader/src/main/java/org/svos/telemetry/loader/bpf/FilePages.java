package org.svos.telemetry.loader.bpf;

import com.sun.jna.Pointer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This process's pages of files that it only reads: code, constants, and classes that were made ready ahead of time. The
 * start needs nearly all of them, what comes after it few, and a page once read stays resident. Given back, one that is
 * needed again is read again. The kernel leaves those alone that other processes have too.
 */
public final class FilePages {

    /** A mapping's first line in smaps(5): {@code 7f0b07ae3000-7f0b08b6f000 r-xp 002e3000 fe:00 3679998    /usr/lib/libjvm.so}. */
    private static final Pattern MAPPING =
            Pattern.compile("([0-9a-f]{1,16})-([0-9a-f]{1,16}) (\\S{4}) \\S+ \\S+ \\d+ +(\\S.*)");

    private static final Pattern READ_ONLY = Pattern.compile("r-[x-]p");
    private static final Pattern CODE_OR_CLASSES = Pattern.compile("/.*\\.(so(\\.\\S*)?|aot)");

    private FilePages() {}

    /** Where the pages of one file lie, and how many bytes of them are resident. */
    record Range(long from, long to, long resident) {}

    /** Gives back those that are resident now; how many bytes that were. */
    public static long release() {
        long released = 0;
        try (BufferedReader smaps = Files.newBufferedReader(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            for (Range range : ranges(smaps)) {
                Pointer from = Pointer.createConstant(range.from());
                if (LibC.madvise(from, range.to() - range.from(), LibC.MADV_PAGEOUT) == 0) {
                    released += range.resident();
                }
            }
            return released;
        } catch (IOException e) {
            return released; // A machine without the file keeps its pages.
        }
    }

    /** Private mappings of files that can only be read and were never written: what was written has no file to come from again. */
    static List<Range> ranges(BufferedReader smaps) throws IOException {
        List<Range> ranges = new ArrayList<>();
        Matcher mapping = null;
        long resident = 0;
        for (String line = smaps.readLine(); line != null; line = smaps.readLine()) {
            if (!line.isEmpty() && !Character.isUpperCase(line.charAt(0))) {
                Matcher next = MAPPING.matcher(line);
                mapping = next.matches() && isOfInterest(next) ? next : null;
            } else if (mapping != null && line.startsWith("Rss:")) {
                resident = kibibytes(line);
            } else if (mapping != null && line.startsWith("Anonymous:")) {
                if (kibibytes(line) == 0 && resident > 0) {
                    ranges.add(new Range(
                            Long.parseUnsignedLong(mapping.group(1), 16),
                            Long.parseUnsignedLong(mapping.group(2), 16),
                            resident * 1024));
                }
                mapping = null;
            }
        }
        return ranges;
    }

    private static boolean isOfInterest(Matcher mapping) {
        return READ_ONLY.matcher(mapping.group(3)).matches()
                && CODE_OR_CLASSES.matcher(mapping.group(4)).matches();
    }

    /** Of a line such as {@code Rss:                 640 kB}. */
    private static long kibibytes(String line) {
        String number = line.substring(line.indexOf(':') + 1, line.lastIndexOf(' '));
        return Long.parseLong(number.strip());
    }
}
