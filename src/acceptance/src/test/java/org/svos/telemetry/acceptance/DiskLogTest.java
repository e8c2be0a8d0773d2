package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What proves durability, and what does not. Files are 7 and 8, the marker is {@code proof-b000001}. */
class DiskLogTest {

    private static final long NEVER = Long.MAX_VALUE;

    private static long durableAt(String... lines) {
        return DiskLog.of(List.of(lines)).durableAt("proof-b000001");
    }

    @Test
    void aSyncOfItsFileThatBeganAfterTheWriteMakesItDurable() {
        assertThat(durableAt("w 10 7 proof-b000001", "s 11 20 7 0")).isEqualTo(20);
        assertThat(durableAt("s 1 5 7 0", "w 10 7 proof-b000000 proof-b000001", "s 11 20 7 0", "s 21 30 7 0"))
                .isEqualTo(20);
    }

    @Test
    void aSyncThatBeganEarlierOrOfAnotherFileOrThatFailedDoesNot() {
        assertThat(durableAt("w 10 7 proof-b000001")).isEqualTo(NEVER);
        assertThat(durableAt("s 9 20 7 0", "w 10 7 proof-b000001")).isEqualTo(NEVER);
        assertThat(durableAt("w 10 7 proof-b000001", "s 11 20 8 0")).isEqualTo(NEVER);
        assertThat(durableAt("w 10 7 proof-b000001", "s 11 20 7 5")).isEqualTo(NEVER);
        assertThat(durableAt("w 10 7 proof-b000002", "s 11 20 7 0")).isEqualTo(NEVER);
    }

    @Test
    void afterAFailedSyncOnlyBytesThatAreWrittenAnewBecomeDurable() {
        assertThat(durableAt("w 10 7 proof-b000001", "s 11 20 7 5", "s 21 30 7 0"))
                .isEqualTo(NEVER);
        assertThat(durableAt("s 9 20 7 5", "w 10 7 proof-b000001", "s 21 30 7 0"))
                .isEqualTo(NEVER);
        assertThat(durableAt("w 10 7 proof-b000001", "s 11 20 7 5", "w 25 7 proof-b000001", "s 26 30 7 0"))
                .isEqualTo(30);
    }

    @Test
    void onlyAnAnswerThatSaysSoTellsThatABatchIsKept() {
        DiskLog log = DiskLog.of(List.of(
                "a 10 503 proof-k000001",
                "a 20 202 proof-k000001",
                "a 30 200 proof-k000001",
                "a 40 429 proof-k000002"));
        assertThat(log.toldKept("proof-k000001")).hasValue(20);
        assertThat(log.toldKept("proof-k000002")).isEmpty();
    }

    @Test
    void syncsThatSucceededAreCounted() {
        DiskLog log = DiskLog.of(List.of("s 1 2 7 0", "s 3 4 8 0", "s 5 6 7 5", "s 9 10 7 0"));
        assertThat(log.syncs(0, 9)).isEqualTo(2);
    }
}
