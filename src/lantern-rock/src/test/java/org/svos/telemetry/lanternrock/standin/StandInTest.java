package org.svos.telemetry.lanternrock.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.OpenApi;

/** The stand-in over HTTP, as a person with curl would use it. */
class StandInTest {

    private static final String RECORDS = "/v1/databases/lab/records";
    private static final String DELIVERY = """
            {"telemetryId": "00000000-1111-2222-3333-444444444444",
             "application": {"name": "hello", "version": "1.0.0"},
             "host": {"id": "h1", "name": "lab-17", "bootId": "b1", "kernel": "6.1.0", "loaderVersion": "1.0.0"},
             "sessions": [{"id": "s1", "name": "startup", "start": "2026-11-22T09:31:00Z", "duration": "PT1.5S"}],
             "records": [
               {"name": "loaded", "count": 1, "sum": 0, "time": "2026-11-22T09:31:01Z", "session": "s1",
                "segments": {"kind": "message", "seq": 3, "cpu": 0, "comm": "insmod", "own": true},
                "attachment": {"n": 1.50,
                  "m": 1E400}},
               {"count": 1, "sum": 0, "time": "2026-11-22T09:31:02Z", "segments": {"kind": "unregister", "seq": 4}}]}""";

    private final OpenApi openApi = new OpenApi();

    @TempDir
    Path data;

    private StandInUpstream standIn;

    @BeforeEach
    void start() throws IOException {
        standIn = new StandInUpstream(data);
    }

    @AfterEach
    void stop() {
        standIn.close();
    }

    @Test
    void recordsAreShownOneALineWithWhatTheContractNames() {
        assertThat(deliver("k1", DELIVERY).body()).isEqualTo("{\"records\":2}");
        assertThat(standIn.lines("lab"))
                .containsExactly(
                        "{\"database\":\"lab\",\"sandbox\":\"00000000-1111-2222-3333-444444444444\",\"host\":\"h1\","
                                + "\"hostName\":\"lab-17\",\"bootId\":\"b1\",\"application\":{\"name\":\"hello\","
                                + "\"version\":\"1.0.0\"},\"session\":\"startup\",\"kind\":\"message\",\"name\":\"loaded\","
                                + "\"seq\":3,\"time\":\"2026-11-22T09:31:01Z\",\"payload\":{\"n\": 1.50,       \"m\": 1E400},"
                                + "\"count\":1,\"sum\":0,\"segments\":{\"cpu\":0,\"comm\":\"insmod\",\"own\":true},"
                                + "\"delivery\":{\"key\":\"k1\",\"record\":1,\"of\":2}}",
                        "{\"database\":\"lab\",\"sandbox\":\"00000000-1111-2222-3333-444444444444\",\"host\":\"h1\","
                                + "\"hostName\":\"lab-17\",\"bootId\":\"b1\",\"application\":{\"name\":\"hello\","
                                + "\"version\":\"1.0.0\"},\"session\":null,\"kind\":\"unregister\",\"name\":null,\"seq\":4,"
                                + "\"time\":\"2026-11-22T09:31:02Z\",\"payload\":null,\"count\":1,\"sum\":0,\"segments\":{},"
                                + "\"delivery\":{\"key\":\"k1\",\"record\":2,\"of\":2}}");
        assertThat(standIn.lines("lab"))
                .allSatisfy(
                        line -> assertThat(openApi.faults("RecordLine", line)).isEmpty());
    }

    @Test
    void theFilesHoldWhatIsShown() throws IOException {
        deliver("k1", DELIVERY);
        assertThat(Files.readAllLines(data.resolve("lab.ndjson"))).isEqualTo(standIn.lines("lab"));
    }

    @Test
    void databasesAreApartAndAllAreShownWithoutAName() {
        deliver("k1", DELIVERY);
        send("POST", "/v1/databases/field/records", "k1", DELIVERY);
        assertThat(standIn.lines("lab")).hasSize(2);
        assertThat(standIn.lines("none")).isEmpty();
        assertThat(standIn.send("GET", "/records", "").body().lines()).hasSize(4);
    }

    @Test
    void aKeyIsHonouredAfterARestartWithTheSameAnswer() throws IOException {
        deliver("k1", DELIVERY);
        standIn.restart();
        assertThat(deliver("k1", DELIVERY).body()).isEqualTo("{\"records\":2}");
        assertThat(standIn.lines("lab")).hasSize(2);
    }

    @Test
    void emptiedItIsAsNewAfterARestartToo() throws IOException {
        deliver("k1", DELIVERY);
        assertThat(standIn.send("DELETE", "/records", "").statusCode()).isEqualTo(204);
        assertThat(standIn.lines("lab")).isEmpty();
        standIn.restart();
        assertThat(standIn.lines("lab")).isEmpty();
        deliver("k1", DELIVERY);
        assertThat(standIn.lines("lab")).hasSize(2);
    }

    @Test
    void whateverOfADeliveryACrashHasLeftIsCutOffAndTheDeliveryMayComeAgain() throws IOException {
        deliver("k1", DELIVERY);
        Path file = data.resolve("lab.ndjson");
        byte[] first = Files.readAllBytes(file);
        deliver("k2", DELIVERY);
        byte[] both = Files.readAllBytes(file);
        standIn.close();
        for (int length = first.length; length < both.length; length += 7) {
            Files.write(file, Arrays.copyOf(both, length));
            try (var recovered = new RecordFile(file)) {
                assertThat(recovered.length()).isEqualTo(first.length);
                assertThat(recovered.delivered("k1")).hasValue(2);
                assertThat(recovered.append("k2", List.of("{}"))).isTrue();
            }
        }
        standIn = new StandInUpstream(data);
    }

    @Test
    void aFileThatIsDamagedBeforeItsEndIsSaid() throws IOException {
        deliver("k1", DELIVERY);
        standIn.close();
        Path file = data.resolve("lab.ndjson");
        Files.writeString(file, "garbage\n" + Files.readString(file));
        assertThatThrownBy(() -> StandIn.start(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), data))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lab.ndjson");
        Files.delete(file);
        standIn = new StandInUpstream(data);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"telemetryId\": \"00000000-1111-2222-3333-444444444444\"|\"telemetryId\": \"x\"|/telemetryId",
                "\"telemetryId\": \"00000000-1111-2222-3333-444444444444\",||/telemetryId",
                "\"hello\"|7|/application/name",
                "\"version\"|\"Version\"|/application/Version",
                "\"kernel\"|\"colonel\"|/host/colonel",
                "\"sessions\"|\"seasons\"|/seasons",
                "\"PT1.5S\"|\"1.5\"|/sessions/0/duration",
                "\"PT1.5S\"|\"PT\"|/sessions/0/duration",
                "\"2026-11-22T09:31:00Z\"|\"today\"|/sessions/0/start",
                "\"count\": 1,|\"count\": 0,|/records/0/count",
                "\"count\": 1,|\"count\": 1.5,|/records/0/count",
                "\"count\": 1,||/records/0/count",
                "\"sum\": 0,|\"sum\": \"0\",|/records/0/sum",
                "\"2026-11-22T09:31:01Z\"|\"2026-11-22\"|/records/0/time",
                "\"session\": \"s1\"|\"session\": \"s2\"|/records/0/session",
                "\"kind\": \"message\"|\"kind\": \"massage\"|/records/0/segments/kind",
                "\"seq\": 3|\"seq\": 0|/records/0/segments/seq",
                "\"seq\": 3|\"seq\": \"3\"|/records/0/segments/seq",
                "\"cpu\": 0|\"own2\": [0]|/records/0/segments/own2",
                "\"attachment\": {|\"attachment\": 7, \"x\": {|/records/0/attachment",
                "{\"n\": 1.50,|{\"n\": 1.50,,|",
            })
    void aDeliveryThatIsNoneIsRefusedWithThePlaceAndTheDescriptionAgrees(String good, String bad, String pointer) {
        String body = DELIVERY.replaceFirst(Pattern.quote(good), bad == null ? "" : bad);
        assertThat(body).isNotEqualTo(DELIVERY);
        HttpResponse<String> answer = deliver("k1", body);
        if (pointer == null) {
            assertThat(answer.statusCode()).isEqualTo(400);
        } else {
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("\"pointer\":\"" + pointer + "\"");
            // Only a session that is not there is beyond a schema.
            assertThat(openApi.faults("Delivery", body).isEmpty()).isEqualTo(pointer.equals("/records/0/session"));
        }
        assertThat(openApi.faults("Problem", answer.body())).isEmpty();
        assertThat(standIn.lines("lab")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{} {}", "null", "\u0000", "{\"records\":[", "{\"records\":null}"})
    void aBodyThatIsNoDeliveryIsRefused(String body) {
        assertThat(deliver("k1", body).statusCode()).isIn(400, 422);
        assertThat(standIn.lines("lab")).isEmpty();
    }

    @Test
    void requestsThatAreNoneAreRefused() {
        assertThat(send("POST", RECORDS, "", DELIVERY).statusCode()).isEqualTo(400);
        assertThat(send("POST", RECORDS, "a b", DELIVERY).statusCode()).isEqualTo(400);
        assertThat(send("POST", "/v1/databases/LAB/records", "k1", DELIVERY).statusCode())
                .isEqualTo(404);
        assertThat(send("POST", "/v1/databases/../records", "k1", DELIVERY).statusCode())
                .isEqualTo(404);
        assertThat(send("POST", "/v1/databases/lab", "k1", DELIVERY).statusCode())
                .isEqualTo(404);
        assertThat(standIn.send("GET", "/recordsx", "").statusCode()).isEqualTo(404);
        assertThat(standIn.send("GET", "/records?base=lab", "").statusCode()).isEqualTo(400);
        HttpResponse<String> notAllowed = send("PUT", RECORDS, "k1", DELIVERY);
        assertThat(notAllowed.statusCode()).isEqualTo(405);
        assertThat(notAllowed.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void behavioursAreShownAndResetAndConformToTheDescription() {
        assertThat(standIn.send("GET", "/behaviour", "").body()).contains("\"mode\":\"ok\"");
        standIn.answer(503, "7");
        HttpResponse<String> shown = standIn.send("GET", "/behaviour", "");
        assertThat(shown.body()).contains("\"mode\":\"status\"", "\"status\":503", "\"retryAfter\":\"7\"");
        assertThat(openApi.faults("Behaviour", shown.body())).isEmpty();
        HttpResponse<String> answer = deliver("k1", DELIVERY);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        standIn.mend();
        assertThat(deliver("k1", DELIVERY).statusCode()).isEqualTo(200);
    }

    @Test
    void aBehaviourCanBeForOneDatabase() {
        standIn.behave("{\"mode\":\"status\",\"status\":401,\"database\":\"field\"}");
        assertThat(deliver("k1", DELIVERY).statusCode()).isEqualTo(200);
        assertThat(send("POST", "/v1/databases/field/records", "k1", DELIVERY).statusCode())
                .isEqualTo(401);
    }

    @Test
    void toldToAnswerWithAGoodStatusItKeeps() {
        standIn.answer(202, null);
        assertThat(deliver("k1", DELIVERY).statusCode()).isEqualTo(202);
        assertThat(standIn.lines("lab")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"mode\":\"kind\"}",
                "{\"mode\":\"poison\"}",
                "{\"mode\":\"slow\",\"delayMs\":-1}",
                "{\"mode\":\"slow\",\"delayMs\":\"1\"}",
                "{\"mode\":\"status\",\"status\":99}",
                "{\"mode\":\"ok\",\"colour\":\"red\"}",
            })
    void aBehaviourThatIsNoneIsRefusedAndChangesNothing(String behaviour) {
        assertThat(standIn.send("PUT", "/behaviour", behaviour).statusCode()).isEqualTo(400);
        assertThat(standIn.send("GET", "/behaviour", "").body()).contains("\"mode\":\"ok\"");
    }

    @Test
    void itServesItsDescriptionAndItsHealth() {
        assertThat(standIn.send("GET", "/openapi.yaml", "").body()).startsWith("openapi: 3.1.0");
        assertThat(standIn.send("GET", "/health", "").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> deliver(String key, String body) {
        return send("POST", RECORDS, key, body);
    }

    private HttpResponse<String> send(String method, String path, String key, String body) {
        return standIn.send(method, path, body, "Idempotency-Key", '"' + key + '"');
    }
}
