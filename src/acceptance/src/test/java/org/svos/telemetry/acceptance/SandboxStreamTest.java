package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.acceptance.SentBatch.Fate;
import org.svos.telemetry.event.Payload;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** That the oracle of the runs that kill sees each way in which the promise can be broken. */
class SandboxStreamTest {

    private static final String SANDBOX = "5a6d1c3e-0000-4000-8000-00000000be7c";

    private final Faults faults = new Faults();
    private final SandboxStream stream = new SandboxStream("lab", SANDBOX, "lab-0", 42, faults);
    private final Random random = new Random(1);

    @Test
    void whatArrivesAsItWasSentIsRight() {
        SentBatch acknowledged = sent(Fate.ACKNOWLEDGED);
        SentBatch abandonedAndKept = sent(Fate.ABANDONED);
        sent(Fate.ABANDONED);
        sent(Fate.REFUSED);
        arrive(acknowledged);
        arrive(abandonedAndKept);

        stream.settle();

        assertThat(faults.told()).isEmpty();
        assertThat(stream.admitted().events()).isEqualTo(acknowledged.events() + abandonedAndKept.events());
    }

    @Test
    void anAcknowledgedBatchThatDoesNotArriveIsAFault() {
        sent(Fate.ACKNOWLEDGED);

        stream.settle();

        assertThat(faults.told()).singleElement().asString().startsWith("acknowledged, but not delivered");
    }

    @Test
    void aRefusedBatchThatArrivesIsAFault() {
        arrive(sent(Fate.REFUSED));

        stream.settle();

        assertThat(faults.told()).singleElement().asString().startsWith("refused, but delivered");
    }

    @Test
    void aBatchThatArrivesInPartIsAFault() {
        SentBatch batch = sent(Fate.ACKNOWLEDGED);
        while (batch.events() < 2) {
            arrive(batch);
            batch = sent(Fate.ACKNOWLEDGED);
        }
        for (int event = 0; event < batch.events() - 1; event++) {
            stream.arrived(line(batch, event));
        }

        stream.settle();

        assertThat(faults.told()).first().asString().startsWith("delivered in part");
    }

    @Test
    void aSecondDeliveryIsAFaultAtOnceAndAfterAllWasSettled() {
        SentBatch batch = sent(Fate.ACKNOWLEDGED);
        SentBatch next = sent(Fate.ACKNOWLEDGED);
        arrive(batch);
        arrive(next);
        stream.arrived(line(batch, 0));
        assertThat(faults.told()).first().asString().startsWith("delivered twice");
        stream.settle();
        int before = faults.count();

        stream.arrived(line(next, 0));

        assertThat(faults.told().subList(before, faults.count()))
                .singleElement()
                .asString()
                .startsWith("delivered twice");
    }

    @Test
    void batchesOutOfOrderAreAFault() {
        SentBatch first = sent(Fate.ACKNOWLEDGED);
        SentBatch second = sent(Fate.ACKNOWLEDGED);
        arrive(second);
        arrive(first);

        assertThat(faults.told()).singleElement().asString().startsWith("delivered out of order");
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "host", "kind", "name", "seq", "text"})
    void anEventThatIsNotAsItWasSentIsAFault(String member) {
        ObjectNode line = line(sent(Fate.ACKNOWLEDGED), 0);
        (member.equals("text") ? (ObjectNode) line.path("payload") : line).put(member, "another");

        stream.arrived(line);

        assertThat(faults.told()).singleElement().asString().startsWith("delivered otherwise than sent");
    }

    @Test
    void aBatchThatWasNeverSentIsAFault() {
        ObjectNode line = line(sent(Fate.ACKNOWLEDGED), 0);
        ((ObjectNode) line.path("payload")).put("batch", 2);

        stream.arrived(line);

        assertThat(faults.told()).singleElement().asString().startsWith("never sent");
    }

    @Test
    void sequenceNumbersOfBatchesThatWereNotAdmittedAreGaps() {
        arrive(sent(Fate.ACKNOWLEDGED));
        SentBatch refused = sent(Fate.REFUSED);
        arrive(sent(Fate.ACKNOWLEDGED));

        stream.settle();

        assertThat(stream.gaps()).isEqualTo(refused.events());
    }

    private SentBatch sent(Fate fate) {
        SentBatch batch = stream.next(random);
        batch.decided(fate);
        return batch;
    }

    private void arrive(SentBatch batch) {
        for (int event = 0; event < batch.events(); event++) {
            stream.arrived(line(batch, event));
        }
    }

    /** As the stand-in gives it. */
    private ObjectNode line(SentBatch batch, int event) {
        JsonNode sent = Http.JSON.readTree(batch.body(false)).path("events").path(event);
        ObjectNode line = Http.JSON.createObjectNode();
        line.put("database", "lab").put("sandbox", SANDBOX).put("host", stream.host());
        line.set("kind", sent.path("kind"));
        line.set("name", sent.path("name"));
        line.set("seq", sent.path("seq"));
        line.set(
                "payload",
                sent.path("payload").isObject()
                        ? sent.path("payload")
                        : normal(sent.path("payload").asString()));
        return line;
    }

    private static JsonNode normal(String relaxed) {
        return Http.JSON.readTree(Payload.normalise(relaxed));
    }
}
