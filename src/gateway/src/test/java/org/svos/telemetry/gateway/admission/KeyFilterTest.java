package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyFilterTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-000000000001";
    private static final long DAY = 86_400_000;

    private final KeyFilter filter = new KeyFilter(7 * DAY, 0);

    private void add(int from, int to, long now) {
        for (int i = from; i < to; i++) {
            filter.add(1, SANDBOX, "key-" + i, now);
        }
    }

    private long found(String prefix, int count) {
        long found = 0;
        for (int i = 0; i < count; i++) {
            if (filter.mayHave(1, SANDBOX, prefix + i)) {
                found++;
            }
        }
        return found;
    }

    @Test
    void untilTheStoresKeysAreInItEveryKeyMayBeThere() {
        assertThat(filter.mayHave(1, SANDBOX, "k")).isTrue();
        filter.complete();
        assertThat(filter.mayHave(1, SANDBOX, "k")).isFalse();
    }

    @Test
    void everyKeyThatWasAddedIsFoundAndOfAMillionOthersHardlyOne() {
        filter.complete();
        add(0, 1_000_000, 0);
        assertThat(found("key-", 1_000_000)).isEqualTo(1_000_000);
        assertThat(found("other-", 1_000_000)).isLessThan(2_000);
        assertThat(filter.mayHave(2, SANDBOX, "key-1")).isFalse();
    }

    @Test
    void aKeyIsKnownForAsLongAsItIsRememberedAndIsForgottenAfterTwiceThat() {
        filter.complete();
        add(0, 1_000, 6 * DAY);
        add(1_000, 1_001, 8 * DAY);
        assertThat(found("key-", 1_000)).isEqualTo(1_000);
        add(1_001, 1_002, 13 * DAY);
        assertThat(found("key-", 1_000)).isEqualTo(1_000);
        add(1_002, 1_003, 16 * DAY);
        assertThat(found("key-", 1_000)).isZero();
        assertThat(filter.mayHave(1, SANDBOX, "key-1000")).isTrue();
    }
}
