package org.svos.telemetry.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** Tokens as two processes on one store know them. */
class SeveralTokensTest {

    @Test
    void theLastUseIsTheLatestOverAllProcesses() throws InterruptedException {
        String database = TestServer.database();
        try (Store one = TestServer.open(database, null);
                Store two = TestServer.open(database, null)) {
            Tokens here = Tokens.load(one);
            Tokens there = Tokens.load(two);
            Tokens.Made made = one.write(tx -> here.make(tx, new Caller.Admin("both"), null));
            TokenHash hash = TokenHash.of(made.secret());
            LiveToken usedHere = Objects.requireNonNull(here.live(hash));
            long now = one.now();

            usedHere.usedAt(now);
            here.flushUses(one);
            Tokens late = Tokens.load(two); // knows of it from the start
            awaitNews(there, made.token().id());
            there.readUses(two, 0);

            assertThat(there.find(made.token().id()))
                    .isNotNull()
                    .isEqualTo(late.find(made.token().id()))
                    .extracting(Token::lastUsedAt)
                    .isEqualTo(Instant.ofEpochMilli(now));
            LiveToken usedThere = Objects.requireNonNull(there.live(hash));
            assertThat(usedThere.unwrittenUse()).isNull();

            usedThere.usedAt(now + 5_000);
            there.flushUses(two);
            usedHere.usedAt(now + 2_000); // told later, but earlier
            here.flushUses(one);
            here.readUses(one, now);
            there.readUses(two, now);

            for (Tokens each : new Tokens[] {here, there, Tokens.load(one)}) {
                assertThat(each.find(made.token().id()))
                        .isNotNull()
                        .extracting(Token::lastUsedAt)
                        .isEqualTo(Instant.ofEpochMilli(now + 5_000));
            }
        }
    }

    /** That a token was made reaches the other process a moment later. */
    private static void awaitNews(Tokens tokens, long id) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (tokens.find(id) == null && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }
}
