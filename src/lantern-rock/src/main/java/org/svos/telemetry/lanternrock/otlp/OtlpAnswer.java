package org.svos.telemetry.lanternrock.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.http.Answer;
import org.svos.telemetry.lanternrock.http.Protocol;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a receiver answers to a request of so many records. RATIONALE.md says why each answer means what it does here.
 *
 * <p>With 200 comes an {@code ExportLogsServiceResponse}, empty when all was taken; with a failure a {@code google.rpc.Status},
 * whose second field is a text for people. Some receivers answer with JSON, or not at all.
 */
record OtlpAnswer(int records) implements Protocol {

    static final String TYPE = "application/x-protobuf";

    private static final String JSON_TYPE = "application/json";
    private static final int STATUS_MESSAGE = 2;
    private static final int SHOWN = 1024;

    private static final System.Logger log = System.getLogger(OtlpAnswer.class.getName());
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public Receipt taken(Answer answer) {
        if (!answer.isWhole()) {
            return new Receipt.Retry(
                    "status " + answer.status() + ", and an answer that broke off or is too long to be one", null);
        }
        ExportLogsPartialSuccess partial = partial(answer);
        if (partial == null || partial.getRejectedLogRecords() < 0) {
            return new Receipt.Parked(answer.status(), "This is no answer of an OTLP receiver: " + start(answer));
        }
        if (partial.getRejectedLogRecords() == 0) {
            if (!partial.getErrorMessage().isEmpty()) {
                log.log(Level.WARNING, "The OTLP receiver took all, and warns: {0}", partial.getErrorMessage());
            }
            return new Receipt.Delivered();
        }
        int rejected = (int) Math.min(records, partial.getRejectedLogRecords());
        return records == 1
                ? new Receipt.Refused(answer.status(), partial.getErrorMessage())
                : new Receipt.KeptInPart(rejected, answer.status(), partial.getErrorMessage());
    }

    private static String start(Answer answer) {
        String text = answer.text();
        return (answer.type().isEmpty() ? "" : answer.type() + ": ")
                + text.substring(0, Math.min(SHOWN, text.length()));
    }

    private static @Nullable ExportLogsPartialSuccess partial(Answer answer) {
        try {
            if (answer.body().length == 0) {
                return ExportLogsPartialSuccess.getDefaultInstance();
            }
            return switch (answer.type()) {
                case TYPE, "application/protobuf", "application/octet-stream", "" ->
                    ExportLogsServiceResponse.parseFrom(answer.body()).getPartialSuccess();
                case JSON_TYPE -> json(JSON.readTree(answer.body()));
                default -> null;
            };
        } catch (InvalidProtocolBufferException | JacksonException e) {
            return null;
        }
    }

    private static @Nullable ExportLogsPartialSuccess json(JsonNode answer) {
        if (!answer.isObject()) {
            return null;
        }
        JsonNode partial = answer.path("partialSuccess");
        // A 64-bit number may be a text in protobuf's JSON.
        return ExportLogsPartialSuccess.newBuilder()
                .setRejectedLogRecords(partial.path("rejectedLogRecords").asLong(0))
                .setErrorMessage(partial.path("errorMessage").asString(""))
                .build();
    }

    @Override
    public String words(Answer answer) {
        if (!answer.type().equals(TYPE)) {
            return answer.text();
        }
        try {
            List<ByteString> message = UnknownFieldSet.parseFrom(answer.body())
                    .getField(STATUS_MESSAGE)
                    .getLengthDelimitedList();
            return message.isEmpty() ? "" : message.getLast().toStringUtf8();
        } catch (InvalidProtocolBufferException e) {
            return answer.text();
        }
    }
}
