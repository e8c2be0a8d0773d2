package org.svos.telemetry.gateway.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;

@ExtendWith(SharedGateway.class)
class ProblemsOverHttpTest {

    @Test
    void aProblemHasItsFiveMembers(RunningGateway gateway) {
        Answer answer = gateway.call(null, "GET", "/nowhere", null);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().propertyNames()).containsExactly("type", "title", "status", "detail", "code");
        assertThat(answer.text("type")).endsWith("/not-found");
        assertThat(answer.json().get("status").asInt()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /api/v1/databases, 405, method-not-allowed",
        "DELETE, /api/v1/ledger, 405, method-not-allowed",
        "BREW, /api/v1/databases, 405, method-not-allowed",
        "POST, /api/v1/audit, 405, method-not-allowed",
        "GET, /api/v1/databases/a/b/c, 404, not-found",
        "GET, /api/v1, 404, not-found",
    })
    void whatDoesNotExistIsToldSo(String method, String path, int status, String code, RunningGateway gateway) {
        Answer answer = gateway.admin(method, path, null);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text("code")).isEqualTo(code);
        if (status == 405) {
            assertThat(answer.header("Allow")).contains("GET");
        }
    }

    @Test
    void whatCannotBeAnsweredAsAskedIsToldSo(RunningGateway gateway) {
        Answer answer = gateway.admin("GET", "/api/v1/databases", null, "Accept", "image/png");

        assertThat(answer.status()).isEqualTo(406);
        assertThat(answer.text("code")).isEqualTo("not-acceptable");
    }

    /** As curl, Firefox and one that takes pages only ask. */
    @ParameterizedTest
    @ValueSource(
            strings = {"*/*", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
            })
    void browsersAndCurlAlikeAreAnsweredInReadableJson(String accept, RunningGateway gateway) {
        Answer answer = gateway.admin("GET", "/api/v1/ledger", null, "Accept", accept);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.body().lines()).hasSizeGreaterThan(10);
        assertThat(gateway.admin("GET", "/api/v1/databases/none", null, "Accept", accept)
                        .text("code"))
                .isEqualTo("not-found");
    }

    @Test
    void aProblemComesAsAProblemWhateverIsAccepted(RunningGateway gateway) {
        Answer answer = gateway.admin("GET", "/api/v1/databases/none", null, "Accept", "text/html");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "?"})
    void anUnknownContentTypeIsToldWhatIsKnown(String type, RunningGateway gateway) {
        Answer answer = gateway.admin("POST", "/api/v1/databases", "{}", "Content-Type", type);

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.text("code")).isEqualTo("unsupported-media-type");
        assertThat(answer.json().get("supported").get(0).asString()).isEqualTo("application/json");
    }

    @Test
    void aCompressedFormIsRefused(RunningGateway gateway) {
        Answer answer = gateway.admin("POST", "/api/v1/databases", "{}", "Content-Encoding", "gzip");

        assertThat(answer.status()).isEqualTo(415);
    }

    @Test
    void aBodyOverItsBoundIsRefused(RunningGateway gateway) {
        Answer answer = gateway.admin("POST", "/api/v1/databases", " ".repeat(300_000) + "{}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text("code")).isEqualTo("request-too-large");
    }

    @Test
    void aFormNestedWithoutEndIsMalformed(RunningGateway gateway) {
        Answer answer = gateway.admin("POST", "/api/v1/databases", "{\"a\":".repeat(5_000));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("malformed-body");
    }

    /** What never comes as far as Spring: Tomcat and the firewall answer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/%zz HTTP/1.1",
                "GET /api/v1/a|b HTTP/1.1",
                "GET /api/v1/databases;x=1 HTTP/1.1",
                "GET /api/v1//databases HTTP/1.1",
                "GET /api/v1/databases/a%2fb HTTP/1.1",
                "GET /api/v1/databases?limit=%zz HTTP/1.1",
                "GET /api/v1/databases/../../x HTTP/1.1\r\nX: \u0001",
                "POST /nothing HTTP/1.1\r\nContent-Type: a\u008b/json",
                "NONSENSE",
            })
    void aRequestThatCannotBeUnderstoodIsAProblem(String head, RunningGateway gateway) throws IOException {
        String answer = raw(
                gateway,
                head + "\r\nHost: a\r\nAuthorization: Bearer " + RunningGateway.ADMIN
                        + "\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 4");
        assertThat(answer).contains("application/problem+json").contains("\n  \"code\" : ");
        assertThat(answer).doesNotContain("<html").doesNotContain("Exception").doesNotContain("Tomcat");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/v1/databases HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /api/v1/databases HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n{}",
                "GET /api/v1/databases HTTP/1.1\r\nTransfer-Encoding: what\r\n\r\n",
            })
    void aBrokenFrameIsNoDefect(String request, RunningGateway gateway) throws IOException {
        String[] halves = request.split("\r\n", 2);

        String answer = raw(
                gateway,
                halves[0] + "\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " + RunningGateway.ADMIN + "\r\n"
                        + halves[1]);

        assertThat(answer).startsWith("HTTP/1.1 4").contains("application/problem+json");
        assertThat(answer).doesNotContain("Exception").doesNotContain("<html");
    }

    private static String raw(RunningGateway gateway, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
