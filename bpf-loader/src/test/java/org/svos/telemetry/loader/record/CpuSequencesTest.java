package org.svos.telemetry.loader.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CpuSequencesTest {

    private final CpuSequences sequences = new CpuSequences();

    @Test
    void aNumberThatComesAgainIsADouble() {
        assertThat(sequences.isNew(0, 1)).isTrue();
        assertThat(sequences.isNew(1, 1)).isTrue();
        assertThat(sequences.isNew(0, 1)).isFalse();
        assertThat(sequences.doubles()).isEqualTo(1);
    }

    @Test
    void twoRecordsThatChangedPlacesAreBothNew() {
        assertThat(sequences.isNew(0, 2)).isTrue();
        assertThat(sequences.isNew(0, 1)).isTrue();
        assertThat(sequences.isNew(0, 2)).isFalse();
        assertThat(sequences.isNew(0, 1)).isFalse();
    }

    @Test
    void aCpuThatNoMachineHasTakesNoMemory() {
        assertThat(sequences.isNew(Integer.MAX_VALUE, 1)).isTrue();
        assertThat(sequences.isNew(-1, 1)).isTrue();
    }

    @Property
    void withinTheWindowItKnowsExactlyWhatHasCome(
            @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 60) Integer> numbers) {
        CpuSequences fresh = new CpuSequences();
        Set<Integer> come = new HashSet<>();
        for (int number : numbers) {
            assertThat(fresh.isNew(7, number)).isEqualTo(come.add(number));
        }
    }
}
