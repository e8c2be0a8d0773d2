package org.svos.telemetry.gateway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedGateway.class)
class DatabaseApiTest {

    private static final String PATH = "/api/v1/databases";

    @Test
    void aNewDatabaseIsMediumUnlessSaid(RunningGateway gateway) {
        Answer answer = gateway.admin("POST", PATH, "{\"name\": \"plain-1\", \"owner\": \"lab\"}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo(PATH + "/plain-1");
        assertThat(answer.header("ETag")).isEqualTo("\"1\"");
        JsonNode json = answer.json();
        assertThat(json.propertyNames())
                .containsExactly(
                        "name",
                        "owner",
                        "description",
                        "state",
                        "quota",
                        "retention",
                        "revision",
                        "createdAt",
                        "changedAt");
        assertThat(json.get("state").asString()).isEqualTo("active");
        assertThat(json.get("retention").isNull()).isTrue();
        assertThat(json.get("quota").toString())
                .isEqualTo("{\"bytesPerDay\":10485760,\"eventsPerSecond\":1000,\"burst\":10000,\"mode\":\"enforce\"}");
        assertThat(gateway.admin("GET", PATH + "/plain-1", null).json()).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource({"small, 1048576, 100, 1000", "medium, 10485760, 1000, 10000", "large, 104857600, 10000, 100000"})
    void aSizeIsAQuota(String size, long bytes, long rate, long burst, RunningGateway gateway) {
        Registered database = Registered.in(gateway, "\"size\": \"" + size + "\"");

        JsonNode quota = gateway.admin("GET", database.path(), null).json().get("quota");

        assertThat(quota.get("bytesPerDay").asLong()).isEqualTo(bytes);
        assertThat(quota.get("eventsPerSecond").asLong()).isEqualTo(rate);
        assertThat(quota.get("burst").asLong()).isEqualTo(burst);
    }

    @Test
    void aQuotaMayBeGivenInPart(RunningGateway gateway) {
        Registered database = Registered.in(gateway, "\"quota\": {\"mode\": \"shadow\", \"burst\": 7}");

        assertThat(gateway.admin("GET", database.path(), null)
                        .json()
                        .get("quota")
                        .toString())
                .isEqualTo("{\"bytesPerDay\":10485760,\"eventsPerSecond\":1000,\"burst\":7,\"mode\":\"shadow\"}");
    }

    @Test
    void aTakenNameIsAConflict(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        Answer answer = gateway.admin("POST", PATH, "{\"name\": \"%s\", \"owner\": \"x\"}".formatted(database.name()));

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.text("code")).isEqualTo("already-exists");
    }

    /** The pointers of the faults, in the order in which they are told. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                         | /name /owner
            {"name": 1, "owner": null}                                 | /name /owner
            {"name": "Upper", "owner": " "}                            | /name /owner
            {"name": "-a", "owner": "o"}                               | /name
            {"name": "a", "owner": "o", "size": "huge"}                | /size
            {"name": "a", "owner": "o", "size": "small", "quota": {}}  | /size
            {"name": "a", "owner": "o", "quota": 5}                    | /quota
            {"name": "a", "owner": "o", "quota": {"bytesPerDay": 0}}   | /quota/bytesPerDay
            {"name": "a", "owner": "o", "quota": {"bytesPerDay": 1000000000000001}} | /quota/bytesPerDay
            {"name": "a", "owner": "o", "quota": {"burst": 1.5}}       | /quota/burst
            {"name": "a", "owner": "o", "quota": {"burst": "1"}}       | /quota/burst
            {"name": "a", "owner": "o", "quota": {"burst": null}}      | /quota/burst
            {"name": "a", "owner": "o", "quota": {"burst": 1e30}}      | /quota/burst
            {"name": "a", "owner": "o", "quota": {"mode": "off"}}      | /quota/mode
            {"name": "a", "owner": "o", "quota": {"a/b~c": 1}}         | /quota/a~1b~0c
            {"name": "a", "owner": "o", "descripton": "misspelt"}      | /descripton
            {"name": "a", "owner": "o", "description": 7}              | /description
            {"name": "a", "owner": "a\\nb"}                            | /owner
            """)
    void faultsAreToldByTheirPointers(String body, String pointers, RunningGateway gateway) {
        Answer answer = gateway.admin("POST", PATH, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("invalid-request");
        List<String> told = new ArrayList<>();
        answer.json()
                .get("errors")
                .forEach(error -> told.add(error.get("pointer").asString()));
        assertThat(String.join(" ", told)).isEqualTo(pointers);
        answer.json()
                .get("errors")
                .forEach(error -> assertThat(error.get("detail").asString()).isNotBlank());
    }

    @Test
    void textsHaveABound(RunningGateway gateway) {
        String body = "{\"name\": \"%s\", \"owner\": \"%s\", \"description\": \"%s\"}";
        assertThat(gateway.admin("POST", PATH, body.formatted("a".repeat(63), "o".repeat(128), "ü".repeat(1000)))
                        .status())
                .isEqualTo(201);
        assertThat(gateway.admin("POST", PATH, body.formatted("a".repeat(64), "o".repeat(129), "ü".repeat(1001)))
                        .json()
                        .get("errors"))
                .hasSize(3);
    }

    @Test
    void whatIsNoJsonIsMalformedAndSaysWhere(RunningGateway gateway) {
        Answer answer = gateway.admin("POST", PATH, "{\"name\": \"a\",\n \"owner\": }");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("malformed-body");
        assertThat(answer.json().get("line").asInt()).isEqualTo(2);
        assertThat(answer.json().get("column").asInt()).isEqualTo(11);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[]", "7", "{\"name\": \"a\", \"name\": \"b\"}", "{} {}", "null"})
    void whatIsNoSingleObjectIsRefused(String body, RunningGateway gateway) {
        Answer answer = gateway.admin("POST", PATH, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isIn("malformed-body", "invalid-request");
    }

    @Test
    void listsComeInPagesThatNothingSlipsThrough(RunningGateway gateway) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            names.add(Registered.in(gateway).name());
        }
        List<String> seen = new ArrayList<>();
        String next = "";
        do {
            JsonNode page =
                    gateway.admin("GET", PATH + "?limit=3&after=" + next, null).json();
            assertThat(page.get("items").size()).isBetween(1, 3);
            page.get("items").forEach(item -> seen.add(item.get("name").asString()));
            next = page.get("next").isNull() ? null : page.get("next").asString();
            if (seen.size() == 3) {
                // What goes away between two pages moves no other over the border.
                gateway.admin("DELETE", PATH + "/" + seen.getFirst(), null);
            }
        } while (next != null);

        assertThat(seen).doesNotHaveDuplicates().isSorted().containsAll(names);
    }

    @ParameterizedTest
    @CsvSource({"limit=0", "limit=501", "limit=x", "limit=", "after=***"})
    void aPageThatCannotBeIsRefused(String query, RunningGateway gateway) {
        Answer answer = gateway.admin("GET", PATH + "?" + query, null);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString())
                .isEqualTo("/" + query.substring(0, query.indexOf('=')));
    }

    @Test
    void anOwnerSeesItsDatabaseAlone(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        Registered.in(gateway);

        JsonNode page = gateway.call(database.token("owner"), "GET", PATH, null).json();

        assertThat(page.get("items")).hasSize(1);
        assertThat(page.get("items").get(0).get("name").asString()).isEqualTo(database.name());
        assertThat(page.get("next").isNull()).isTrue();
    }

    @Test
    void aMergePatchChangesWhatItNames(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        Answer changed = gateway.admin(
                "PATCH", database.path(), """
                {"description": "new", "state": "suspended", "retention": "P30D", "quota": {"burst": 5}}""", "If-Match", "\"1\"", "Content-Type", "application/merge-patch+json");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isEqualTo("\"2\"");
        JsonNode json = gateway.admin("GET", database.path(), null).json();
        assertThat(json).isEqualTo(changed.json());
        assertThat(json.get("owner").asString()).isEqualTo("lab");
        assertThat(json.get("description").asString()).isEqualTo("new");
        assertThat(json.get("state").asString()).isEqualTo("suspended");
        assertThat(json.get("retention").asString()).isEqualTo("PT720H");
        assertThat(json.get("quota").get("burst").asLong()).isEqualTo(5);
        assertThat(json.get("quota").get("bytesPerDay").asLong()).isEqualTo(10_485_760);

        Answer cleared = gateway.admin(
                "PATCH", database.path(), "{\"retention\": null, \"description\": null}", "If-Match", "\"2\"");
        assertThat(cleared.json().get("retention").isNull()).isTrue();
        assertThat(cleared.text("description")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"retention": "30 days"}   | /retention
            {"retention": "P1M"}       | /retention
            {"retention": "PT0S"}      | /retention
            {"retention": "-P1D"}      | /retention
            {"retention": 5}           | /retention
            {"state": null}            | /state
            {"state": "gone"}          | /state
            {"owner": null}            | /owner
            {"owner": ""}              | /owner
            {"quota": null}            | /quota
            {"quota": {"mode": null}}  | /quota/mode
            {"name": "other"}          | /name
            {"size": "large"}          | /size
            """)
    void aPatchThatCannotBeIsRefused(String body, String pointer, RunningGateway gateway) {
        Answer answer = gateway.admin("PATCH", Registered.in(gateway).path(), body, "If-Match", "\"1\"");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString()).isEqualTo(pointer);
    }

    @Test
    void aChangeNeedsTheTagThatItIsBasedOn(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String body = "{\"description\": \"a\"}";

        Answer without = gateway.admin("PATCH", database.path(), body);
        assertThat(without.status()).isEqualTo(428);
        assertThat(without.text("code")).isEqualTo("precondition-required");

        Answer other = gateway.admin("PATCH", database.path(), body, "If-Match", "\"7\"");
        assertThat(other.status()).isEqualTo(412);
        assertThat(other.text("code")).isEqualTo("precondition-failed");
        assertThat(other.header("ETag")).isEqualTo("\"1\"");

        assertThat(gateway.admin("PATCH", database.path(), body, "If-Match", "W/\"1\"")
                        .status())
                .isEqualTo(412);
        assertThat(gateway.admin("PATCH", database.path(), body, "If-Match", "1")
                        .status())
                .isEqualTo(400);
        assertThat(gateway.admin("PATCH", database.path(), body, "If-Match", "\"9\", \"1\"")
                        .status())
                .isEqualTo(200);
        assertThat(gateway.admin("PATCH", database.path(), body, "If-Match", "*")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void ofManyChangesAtOnceOneWins(RunningGateway gateway) throws Exception {
        Registered database = Registered.in(gateway);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> changes = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String body = "{\"description\": \"by " + i + "\"}";
                changes.add(() -> gateway.admin("PATCH", database.path(), body, "If-Match", "\"1\"")
                        .status());
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> change : threads.invokeAll(changes)) {
                statuses.add(change.get());
            }
            assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
        }
        assertThat(gateway.admin("GET", database.path(), null).header("ETag")).isEqualTo("\"2\"");
    }

    @Test
    void anUnchangedDatabaseNeedNotBeSentAgain(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        assertThat(gateway.admin("GET", database.path(), null, "If-None-Match", "\"1\"")
                        .status())
                .isEqualTo(304);
    }

    @Test
    void aSuspendedDatabaseTakesNothingAtOnce(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String sandbox = database.sandbox();
        String token = database.hostToken();
        assertThat(database.post(token, sandbox, "1", 1).status()).isEqualTo(202);

        gateway.admin("PATCH", database.path(), "{\"state\": \"suspended\"}", "If-Match", "*");
        assertThat(database.post(token, sandbox, "2", 1).text("code")).isEqualTo("database-suspended");

        gateway.admin("PATCH", database.path(), "{\"state\": \"active\"}", "If-Match", "*");
        assertThat(database.post(token, sandbox, "2", 1).status()).isEqualTo(202);
    }

    @Test
    void aSmallerQuotaIsInForceAtOnce(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String sandbox = database.sandbox();
        String token = database.hostToken();

        gateway.admin("PATCH", database.path(), "{\"quota\": {\"burst\": 3}}", "If-Match", "*");

        assertThat(database.post(token, sandbox, "1", 4).text("code")).isEqualTo("batch-exceeds-quota");
        assertThat(database.post(token, sandbox, "2", 3).status()).isEqualTo(202);
    }

    @Test
    void waitingEventsKeepADatabaseUnlessTheyAreThrownAway(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String token = database.hostToken();
        String sandbox = database.sandbox();
        database.post(token, sandbox, "1", 3);
        long discardedBefore = ledger(gateway, "discarded");

        Answer kept = gateway.admin("DELETE", database.path(), null);
        assertThat(kept.status()).isEqualTo(409);
        assertThat(kept.text("code")).isEqualTo("events-waiting");
        assertThat(gateway.admin("DELETE", database.path() + "?discard=maybe", null)
                        .status())
                .isEqualTo(400);
        assertThat(gateway.admin("DELETE", database.path() + "?discard=false", null)
                        .status())
                .isEqualTo(409);

        assertThat(gateway.admin("DELETE", database.path() + "?discard=true", null)
                        .status())
                .isEqualTo(204);
        assertThat(gateway.admin("GET", database.path(), null).status()).isEqualTo(404);
        assertThat(ledger(gateway, "discarded")).isEqualTo(discardedBefore + 3);
        assertThat(ledger(gateway, "imbalance")).isZero();
        assertThat(database.post(token, sandbox, "2", 1).status())
                .as("its tokens are invalid")
                .isEqualTo(401);
    }

    @Test
    void aRemovedDatabaseLeavesNoRowButWhatTheLedgerTells(RunningGateway gateway) throws Exception {
        Registered database = Registered.in(gateway);
        String sandbox = database.sandbox();
        gateway.call(
                database.hostToken(),
                "POST",
                "/api/v1/sandboxes/" + sandbox + "/batches",
                """
                {"host": {"id": "h-removed", "bootId": "b1"}, "lost": {"ringFull": 2},
                 "events": [{"seq": 1, "kind": "session_begin", "name": "startup", "time": "2026-11-22T09:31:00Z"},
                            {"seq": 9, "kind": "message", "name": "m", "payload": {}, "time": "2026-11-22T09:31:00Z"}]}""",
                "Idempotency-Key",
                "\"k1\"");
        Store store = gateway.part(Store.class);
        long id =
                store.read(tx -> only(tx, "select id from registered_database where name = '" + database.name() + "'"));
        assertThat(tablesWith(store, id)).contains("spool", "stream_sequence");
        store.write(tx -> {
            // As lanes and the spool leave them.
            for (String row : List.of(
                    "lane_cut (database_id, position, event) values (%d, 1, 1)",
                    "stream_session (database_id, sandbox, host_id, boot_id, changed_at) values (%d, '', '', '', 0)",
                    "host_lost_past (database_id, reason, events) values (%d, 'ringFull', 1)",
                    "quarantine (position, database_id, events, bytes, admitted_at, sandbox, key, reason, quarantined_at)"
                            + " values (-%1$d, %1$d, 1, 1, 0, '', '', '', 0)")) {
                tx.change("insert into " + row.formatted(id));
            }
            return null;
        });

        gateway.admin("DELETE", database.path() + "?discard=true", null);

        List<String> left = tablesWith(store, id);
        for (int i = 0; i < 1_000 && left.size() > 3; i++) {
            // Pieces, and the lane behind them, are swept once a second.
            Thread.sleep(10);
            left = tablesWith(store, id);
        }
        assertThat(left).containsExactlyInAnyOrder("ledger", "usage_hour", "admitted_key");
    }

    private static List<String> tablesWith(Store store, long databaseId) {
        return store.read(tx -> {
            List<String> tables = new ArrayList<>();
            var all = tx.statement("""
                    select m.name from sqlite_master m, pragma_table_info(m.name) c
                    where m.type = 'table' and c.name = 'database_id' order by m.name""");
            try (var row = all.executeQuery()) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
            List<String> with = new ArrayList<>();
            for (String table : tables) {
                if (only(tx, "select count(*) from " + table + " where database_id = " + databaseId) > 0) {
                    with.add(table);
                }
            }
            return with;
        });
    }

    private static long only(Tx tx, String sql) throws SQLException {
        try (var row = tx.statement(sql).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void aRemovedDatabaseLeavesItsNameAndSandboxesFree(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String sandbox = database.sandbox();
        String owner = database.token("owner");
        gateway.admin("DELETE", database.path(), null);

        Answer again = gateway.admin("POST", PATH, "{\"name\": \"%s\", \"owner\": \"x\"}".formatted(database.name()));
        assertThat(again.status()).isEqualTo(201);
        assertThat(gateway.admin("POST", database.path() + "/sandboxes", "{\"id\": \"%s\"}".formatted(sandbox))
                        .status())
                .isEqualTo(201);
        assertThat(gateway.call(owner, "GET", database.path(), null).status())
                .as("a token of the one before says nothing about the one after")
                .isEqualTo(401);
    }

    private static long ledger(RunningGateway gateway, String key) {
        return gateway.admin("GET", "/api/v1/ledger", null).json().get(key).asLong();
    }
}
