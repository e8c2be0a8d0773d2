package org.svos.telemetry.lanternrock.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.http.Answer;

/** What a receiver's answers come to. */
class OtlpAnswerTest {

    private static final String PROTOBUF = "application/x-protobuf";

    private final OtlpAnswer ofFive = new OtlpAnswer(5);

    @Test
    void anEmptyAnswerIsAllOfIt() {
        assertThat(ofFive.taken(new Answer(200, PROTOBUF, new byte[0], true))).isEqualTo(new Receipt.Delivered());
        assertThat(ofFive.taken(new Answer(204, "", new byte[0], true))).isEqualTo(new Receipt.Delivered());
    }

    @Test
    void aWarningIsAllOfIt() {
        assertThat(ofFive.taken(protobuf(0, "use another port soon"))).isEqualTo(new Receipt.Delivered());
    }

    @Test
    void aPartOfItIsToldWithItsCount() {
        assertThat(ofFive.taken(protobuf(2, "too old"))).isEqualTo(new Receipt.KeptInPart(2, 200, "too old"));
        assertThat(ofFive.taken(protobuf(5, "too old"))).isEqualTo(new Receipt.KeptInPart(5, 200, "too old"));
    }

    @Test
    void moreThanAllIsAll() {
        assertThat(ofFive.taken(protobuf(Long.MAX_VALUE, "x"))).isEqualTo(new Receipt.KeptInPart(5, 200, "x"));
    }

    @Test
    void theOnlyRecordIsRefused() {
        assertThat(new OtlpAnswer(1).taken(protobuf(1, "too old"))).isEqualTo(new Receipt.Refused(200, "too old"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|0",
                "{\"partialSuccess\":{}}|0",
                "{\"partialSuccess\":{\"errorMessage\":\"x\"}}|0",
                "{\"partialSuccess\":{\"rejectedLogRecords\":2}}|2",
                "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\"}}|3",
            })
    void anAnswerInJsonIsReadToo(String json, int rejected) {
        Receipt receipt = ofFive.taken(text("application/json", json));
        assertThat(receipt)
                .isEqualTo(rejected == 0 ? new Receipt.Delivered() : new Receipt.KeptInPart(rejected, 200, ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html|<html>Please log in</html>",
                "text/plain|OK",
                "application/x-protobuf|<html>Please log in</html>",
                "application/json|OK",
                "application/json|[]",
                "''|OK",
            })
    void anAnswerThatNoReceiverGivesParksAndIsShown(String type, String body) {
        assertThat(ofFive.taken(text(type, body)))
                .isInstanceOfSatisfying(
                        Receipt.Parked.class,
                        parked -> assertThat(parked.answer()).contains("no answer of an OTLP receiver", body));
    }

    @Test
    void aCountBelowZeroIsNoReceivers() {
        assertThat(ofFive.taken(protobuf(-1, "x"))).isInstanceOf(Receipt.Parked.class);
    }

    @Test
    void anAnswerThatBrokeOffIsTriedAgain() {
        assertThat(ofFive.taken(new Answer(200, PROTOBUF, new byte[0], false))).isInstanceOf(Receipt.Retry.class);
    }

    @Test
    void theWordsOfAFailureAreTheStatusMessage() {
        byte[] status = UnknownFieldSet.newBuilder()
                .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(3).build())
                .addField(
                        2,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("no such tenant"))
                                .build())
                .build()
                .toByteArray();
        assertThat(ofFive.words(new Answer(400, PROTOBUF, status, true))).isEqualTo("no such tenant");
    }

    @ParameterizedTest
    @ValueSource(strings = {PROTOBUF, "text/plain", ""})
    void wordsThatAreNoStatusAreShownAsTheyAre(String type) {
        assertThat(ofFive.words(text(type, "bad gateway"))).isEqualTo("bad gateway");
    }

    private static Answer text(String type, String body) {
        return new Answer(200, type, body.getBytes(StandardCharsets.UTF_8), true);
    }

    private static Answer protobuf(long rejected, String message) {
        ExportLogsServiceResponse.Builder answer = ExportLogsServiceResponse.newBuilder();
        answer.getPartialSuccessBuilder().setRejectedLogRecords(rejected).setErrorMessage(message);
        return new Answer(200, PROTOBUF, answer.build().toByteArray(), true);
    }
}
