package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.spool.Encoding;

class RequestFormTest {

    private final MockHttpServletRequest request = new MockHttpServletRequest();

    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '\0', textBlock = """
            k k
            "k" k
            1f0c6ad4-8a50-4a1f-8f2c-0d6d5f5d9f3a 1f0c6ad4-8a50-4a1f-8f2c-0d6d5f5d9f3a
            a;b=c a;b=c
            """)
    void aKeyIsTakenWithItsQuotesOrWithout(String header, String key) {
        request.addHeader("Idempotency-Key", header);

        assertThat(IdempotencyKey.read(request)).isEqualTo(new IdempotencyKey.Reading.Good(key));
    }

    @Test
    void aKeyMayHave64Characters() {
        request.addHeader("Idempotency-Key", "\"" + "k".repeat(64) + "\"");

        assertThat(IdempotencyKey.read(request)).isInstanceOf(IdempotencyKey.Reading.Good.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "\"\"", "\"", "\"k", "k\"", "a b", "a\\b", "a\"b", "\"k\";p=1", "ü", "a\tb", "a\u007Fb"
            })
    void anotherKeyIsInvalid(String header) {
        request.addHeader("Idempotency-Key", header);

        assertThat(keyCode()).isEqualTo(ProblemCode.INVALID_IDEMPOTENCY_KEY);
    }

    @Test
    void aKeyOf65CharactersIsInvalid() {
        request.addHeader("Idempotency-Key", "k".repeat(65));

        assertThat(keyCode()).isEqualTo(ProblemCode.INVALID_IDEMPOTENCY_KEY);
    }

    @Test
    void twoKeysAreInvalidAndNoneIsMissing() {
        assertThat(keyCode()).isEqualTo(ProblemCode.MISSING_IDEMPOTENCY_KEY);

        request.addHeader("Idempotency-Key", "a");
        request.addHeader("Idempotency-Key", "a");
        assertThat(keyCode()).isEqualTo(ProblemCode.INVALID_IDEMPOTENCY_KEY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON",
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "application/json;v=1"
            })
    void jsonInUtf8IsKnown(String type) {
        request.setContentType(type);

        assertThat(ContentHeaders.read(request)).isEqualTo(new ContentHeaders.Reading.Good(Encoding.IDENTITY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text/plain",
                "application/*",
                "application/problem+json",
                "application/json; charset=iso-8859-1",
                "application/json; charset=nonesuch",
                "json",
                "application/json; ="
            })
    void anotherContentTypeIsUnsupported(String type) {
        request.addHeader("Content-Type", type);

        assertThat(ContentHeaders.read(request)).isInstanceOfSatisfying(ContentHeaders.Reading.Bad.class, bad -> {
            assertThat(bad.problem().code()).isEqualTo(ProblemCode.UNSUPPORTED_MEDIA_TYPE);
            assertThat(bad.problem().members().get("supported")).hasToString("[application/json]");
        });
    }

    @Test
    void noContentTypeIsUnsupported() {
        assertThat(ContentHeaders.read(request)).isInstanceOf(ContentHeaders.Reading.Bad.class);
    }

    @ParameterizedTest
    @CsvSource({"zstd, ZSTD", "gzip, GZIP", "GZip, GZIP", "x-gzip, GZIP", "identity, IDENTITY"})
    void theThreeEncodingsAreKnown(String name, Encoding encoding) {
        request.setContentType("application/json");
        request.addHeader("Content-Encoding", name);

        assertThat(ContentHeaders.read(request)).isEqualTo(new ContentHeaders.Reading.Good(encoding));
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "gzip, zstd", "", "*"})
    void anotherEncodingIsUnsupported(String name) {
        request.setContentType("application/json");
        request.addHeader("Content-Encoding", name);

        assertThat(ContentHeaders.read(request)).isInstanceOfSatisfying(ContentHeaders.Reading.Bad.class, bad -> {
            assertThat(bad.problem().code()).isEqualTo(ProblemCode.UNSUPPORTED_MEDIA_TYPE);
            assertThat(bad.problem().members().get("supported")).hasToString("[zstd, gzip, identity]");
            assertThat(bad.problem().headers()).containsKey("Accept-Encoding");
        });
    }

    private ProblemCode keyCode() {
        return ((IdempotencyKey.Reading.Bad) IdempotencyKey.read(request))
                .problem()
                .code();
    }
}
