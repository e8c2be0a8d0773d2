package org.svos.telemetry.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.Store;

/** Tokens in a real store. */
class TokensTest {

    private static final String ADMIN = "an-admin-token";

    @TempDir
    Path folder;

    private final AtomicLong now = new AtomicLong(1_800_000_000_000L);
    private Store store;
    private Tokens tokens;
    private Access access;

    @BeforeEach
    void open() {
        store = FileStore.open(folder, this::now, 1 << 20);
        tokens = Tokens.load(store);
        access = new Access(this::now, ADMIN, tokens);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() {
        store.close();
        open();
    }

    private Instant now() {
        return Instant.ofEpochMilli(now.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YTpi", "Bearer kt_unknown", "bearerx y", "Bearer a b"})
    void whatIsNoTokenInForceIsNobody(String header) {
        assertThat(access.authenticate(header)).isInstanceOf(Unauthenticated.class);
        assertThat(access.authenticate(null)).isInstanceOf(Unauthenticated.class);
    }

    @Test
    void theAdminTokenIsAnAdministrator() {
        assertThat(access.authenticate("Bearer " + ADMIN)).isEqualTo(new Authenticated(new Caller.Admin("admin")));
        assertThat(access.authenticate("bearer  " + ADMIN)).isInstanceOf(Authenticated.class);
    }

    @Test
    void tokensOutliveARestart() {
        Tokens.Made made = make(new Caller.Admin("second"), null);

        reopen();

        assertThat(tokens.find(made.token().id())).isEqualTo(made.token());
        assertThat(caller(made)).isEqualTo(new Caller.Admin("second"));
    }

    @Test
    void theStoreHasNoSecret() {
        Tokens.Made made = make(new Caller.Admin("second"), null);

        byte[] hash = store.read(tx -> {
            try (var row = tx.statement("select hash from token").executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        });

        assertThat(hash).hasSize(32).isEqualTo(TokenHash.of(made.secret()).toBytes());
        assertThat(made.toString()).doesNotContain(made.secret());
    }

    @Test
    void aTokenExpiresToTheMillisecond() {
        Tokens.Made made = make(new Caller.Admin("short"), now().plusMillis(10));

        now.addAndGet(9);
        assertThat(caller(made)).isNotNull();
        now.addAndGet(1);
        assertThat(caller(made)).isNull();
        reopen();
        assertThat(caller(made)).isNull();
    }

    @Test
    void aRevokedTokenStaysRevoked() {
        Tokens.Made made = make(new Caller.Admin("gone"), null);
        Tokens.Made other = make(new Caller.Admin("here"), null);

        store.write(tx -> {
            tokens.revoke(tx, made.token().id());
            return null;
        });

        assertThat(caller(made)).isNull();
        reopen();
        assertThat(caller(made)).isNull();
        assertThat(caller(other)).isNotNull();
    }

    @Test
    void whatIsRolledBackNeverWas() {
        Tokens.Made[] made = new Tokens.Made[1];
        try {
            store.write(tx -> {
                made[0] = tokens.make(tx, new Caller.Admin("never"), null);
                throw new IllegalStateException("on purpose");
            });
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("on purpose");
        }

        assertThat(caller(made[0])).isNull();
    }

    @Test
    void theLastUseIsWrittenLater() {
        Tokens.Made made = make(new Caller.Admin("used"), null);
        now.addAndGet(60_000);
        caller(made);
        now.addAndGet(500);
        caller(made); // within a second of the last: not noted

        tokens.flushUses(store);
        reopen();

        assertThat(tokens.find(made.token().id()))
                .isNotNull()
                .extracting(Token::lastUsedAt)
                .isEqualTo(now().minusMillis(500));
    }

    private Tokens.Made make(Caller caller, @Nullable Instant expiresAt) {
        return store.write(tx -> tokens.make(tx, caller, expiresAt));
    }

    private @Nullable Caller caller(Tokens.Made made) {
        return switch (access.authenticate("Bearer " + made.secret())) {
            case Authenticated(Caller caller) -> caller;
            case Unauthenticated _ -> null;
        };
    }
}
