package org.svos.telemetry.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many rows in one statement come to the same as one after another. */
class ManyRowsTest {

    private static final String KEY = """
            insert into admitted_key (id, database_id, sandbox, key, body_hash, accepted, rejected, admitted_at)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (database_id, sandbox, key) do update set id = excluded.id, body_hash = excluded.body_hash,
                accepted = excluded.accepted, rejected = excluded.rejected, admitted_at = excluded.admitted_at""";
    private static final String LINE = """
            insert into ledger (database_id, account, reason, events, bytes) values (?, ?, ?, ?, ?)
            on conflict (database_id, account, reason)
            do update set events = ledger.events + excluded.events, bytes = ledger.bytes + excluded.bytes""";
    private static final String HOST = "insert into host (id, name, last_batch_at) values (?, ?, 7)";
    private static final String GONE = "delete from host where id = ?";

    private Store together;
    private Store oneByOne;

    @BeforeEach
    void open() {
        together = TestServer.open(TestServer.database(), null);
        oneByOne = TestServer.open(TestServer.database(), null);
    }

    @AfterEach
    void close() {
        together.close();
        oneByOne.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 120, 300})
    void insertsOverwritesAndAddsWithAbsentValuesAndBytes(int rows) {
        for (int round = 0; round < 3; round++) {
            List<@Nullable Object[]> keys = new ArrayList<>();
            List<@Nullable Object[]> lines = new ArrayList<>();
            for (long i = 0; i < rows; i++) {
                byte[] hash = {(byte) i, 0, (byte) round, '\\', '"', -1};
                String rejected = (i + round) % 2 == 0 ? null : "{\"a\", NULL}\\\n" + i;
                keys.add(new Object[] {1 + i + 1_000L * round, i, "s'" + i, "k,\"{}\" é", hash, round, rejected, 5L});
                lines.add(new Object[] {i, "accepted", "", 1 + i, 10L});
            }
            write(KEY, keys);
            write(LINE, lines);
        }
        assertSame("select * from admitted_key order by id", rows);
        assertSame("select * from ledger order by database_id", rows);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 40})
    void aColumnWhoseValuesAreAllAbsentAndBodiesThatAreLargeAndOtherStatements(int rows) {
        List<@Nullable Object[]> keys = new ArrayList<>();
        List<@Nullable Object[]> hosts = new ArrayList<>();
        List<@Nullable Object[]> gone = new ArrayList<>();
        for (long i = 0; i < rows; i++) {
            keys.add(new Object[] {i, i, "s", "k", new byte[1 << 19], 1, null, 5L});
            hosts.add(new Object[] {"h" + i, null});
            gone.add(new Object[] {"h" + 2 * i});
        }
        write(KEY, keys);
        write(HOST, hosts);
        write(GONE, gone);
        assertSame("select * from admitted_key order by id", rows);
        assertSame("select * from host order by id", rows / 2);
    }

    @Test
    void isUsedForInsertsOfValuesOnlyAndForWhatIsSmall() {
        Object[] line = {1L, "accepted", "", 1L, 10L};
        Object[] large = {2L, "accepted", "x".repeat(1 << 20), 1L, 10L};
        assertThat(isWritten(LINE, line)).isTrue();
        assertThat(isWritten(LINE, large)).isFalse();
        assertThat(isWritten(HOST, new Object[] {"h", "n"})).isFalse();
        assertThat(isWritten(GONE, new Object[] {"h"})).isFalse();
        assertThat(isWritten(KEY, new Object[] {1L, 1L, "s", "k", new byte[32], 1, null, 5L}))
                .isTrue();
        assertThat(isWritten(KEY, new Object[] {2L, 2L, "s", "k", new byte[1 << 21], 1, null, 5L}))
                .isFalse();
    }

    private boolean isWritten(String sql, Object[] row) {
        return together.write(tx -> ManyRows.write(tx, sql, List.<@Nullable Object[]>of(row)));
    }

    private void write(String sql, List<@Nullable Object[]> rows) {
        together.decide(List.of(), deciding -> {
            rows.forEach(row -> deciding.changes().change(sql, row));
            return null;
        });
        oneByOne.write(tx -> {
            for (@Nullable Object[] row : rows) {
                tx.change(sql, row);
            }
            return null;
        });
    }

    private void assertSame(String select, int rows) {
        List<String> all = all(together, select);
        assertThat(all).hasSize(rows).isEqualTo(all(oneByOne, select));
    }

    private static List<String> all(Store store, String select) {
        return store.read(tx -> {
            List<String> all = new ArrayList<>();
            try (ResultSet row = tx.statement(select).executeQuery()) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    Object[] values = new Object[columns];
                    for (int i = 0; i < columns; i++) {
                        values[i] = row.getObject(i + 1);
                    }
                    all.add(Stream.of(values)
                            .map(value -> value instanceof byte[] bytes
                                    ? Arrays.toString(bytes).substring(0, Math.min(bytes.length, 40))
                                    : String.valueOf(value))
                            .toList()
                            .toString());
                }
            }
            return all;
        });
    }
}
