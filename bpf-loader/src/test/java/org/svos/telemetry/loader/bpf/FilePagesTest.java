package org.svos.telemetry.loader.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class FilePagesTest {

    private static final String SMAPS = """
            800001000-80074e000 rw-p 00001000 fe:00 3622126                          /opt/loader/loader.aot
            Rss:                7476 kB
            Anonymous:          7200 kB
            80074e000-8012ed000 r--p 0074e000 fe:00 3622126                          /opt/loader/loader.aot
            Rss:               11900 kB
            Anonymous:             0 kB
            7f0b07ae3000-7f0b08b6f000 r-xp 002e3000 fe:00 3679998                    /opt/a folder/libjvm.so
            Rss:               10928 kB
            Anonymous:             0 kB
            7f0b08b6f000-7f0b08e80000 r--p 0136f000 fe:00 3679998                    /opt/a folder/libjvm.so
            Rss:                1028 kB
            Anonymous:          1028 kB
            7f0b0918d000-7f0b092e3000 r-xp 00026000 fe:00 339380                     /usr/lib/libbpf.so.1.1.0
            Rss:                   0 kB
            Anonymous:             0 kB
            7f0b05000000-7f0b075ff000 r--s 00000000 fe:00 3679964                    /opt/loader/java/lib/modules
            Rss:                 640 kB
            Anonymous:             0 kB
            7f0afddfd000-7f0afe600000 r--s 00001000 00:10 1038                       anon_inode:bpf-map
            Rss:                8204 kB
            Anonymous:             0 kB
            7ffc8f9e5000-7ffc8f9e7000 r-xp 00000000 00:00 0                          [vdso]
            Rss:                   4 kB
            Anonymous:             0 kB
            """;

    @Test
    void onlyWhatIsReadOnlyAndWasNeverWrittenIsGivenBack() throws Exception {
        assertThat(FilePages.ranges(new BufferedReader(new StringReader(SMAPS))))
                .containsExactly(
                        new FilePages.Range(0x80074e000L, 0x8012ed000L, 11_900 * 1024),
                        new FilePages.Range(0x7f0b07ae3000L, 0x7f0b08b6f000L, 10_928 * 1024));
    }

    @Test
    void whatIsNeededAgainComesAgain() {
        long released = FilePages.release();

        assertThat(released).isGreaterThan(1024 * 1024);
        CRC32 checksum = new CRC32(); // Code of a library, by way of the JVM's.
        checksum.update("123456789".getBytes(StandardCharsets.US_ASCII));
        assertThat(checksum.getValue()).isEqualTo(0xCBF43926L);
    }
}
