package org.svos.telemetry.gateway.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

/** Lists that change while they are read: what is there all the time is told once, whatever comes and goes around it. */
@ExtendWith(SharedGateway.class)
class PagingTest {

    private static final int STAY = 10;

    /** Reads a list to its end, two at a time, with something done to it after each page. */
    private static List<String> walk(RunningGateway gateway, String token, String path, Consumer<String> between) {
        List<String> seen = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = gateway.call(token, "GET", path + "?limit=2&after=" + next, null)
                    .json();
            page.get("items").forEach(item -> seen.add(item.get("id").asString()));
            next = page.get("next").isNull() ? null : page.get("next").asString();
            if (next != null) {
                between.accept(seen.getLast());
            }
        }
        return seen;
    }

    @Test
    void sandboxesComeAndGoWhileTheyAreListed(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        List<String> staying = new ArrayList<>();
        List<String> going = new ArrayList<>();
        for (int i = 0; i < STAY; i++) {
            staying.add(database.sandbox());
            going.add(database.sandbox());
        }
        List<String> seen = walk(gateway, database.token("reader"), database.path() + "/sandboxes", last -> {
            // The very one that the cursor names goes, if it may, or any; and another comes.
            String gone = going.contains(last) || going.isEmpty() ? last : going.getFirst();
            if (going.remove(gone)) {
                gateway.admin("DELETE", "/api/v1/sandboxes/" + gone, null);
            }
            database.sandbox();
        });

        assertThat(seen).doesNotHaveDuplicates().isSorted().containsAll(staying);
    }

    @Test
    void tokensComeAndGoWhileTheyAreListed(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String owner = database.token("owner");
        for (int i = 0; i < STAY; i++) {
            database.token("reader");
        }
        List<String> before = walk(gateway, owner, "/api/v1/tokens", last -> {});
        List<String> gone = new ArrayList<>();
        List<String> seen = walk(gateway, owner, "/api/v1/tokens", last -> {
            if (gone.size() < 3 && !last.equals(before.getFirst())) {
                gone.add(last);
                gateway.admin("DELETE", "/api/v1/tokens/" + last, null);
                database.token("reader");
            }
        });

        assertThat(before).hasSize(STAY + 1);
        assertThat(gone).hasSize(3);
        assertThat(seen)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo(Comparator.comparingLong(Long::parseLong))
                .containsAll(before)
                .hasSize(STAY + 1 + 3);
    }

    @Test
    void theAuditTrailGrowsWhileItIsRead(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        for (int i = 0; i < STAY; i++) {
            database.sandbox();
        }
        int[] pages = {0};
        List<String> seen = new ArrayList<>();
        walkSome(gateway, "/api/v1/audit", seen, () -> {
            database.sandbox();
            return ++pages[0] < STAY / 2;
        });

        assertThat(seen)
                .hasSize(STAY)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo(
                        Comparator.<String>comparingLong(Long::parseLong).reversed());
        long newest = Long.parseLong(seen.getFirst());
        assertThat(seen).contains(Long.toString(newest - STAY + 1));
    }

    private static void walkSome(RunningGateway gateway, String path, List<String> seen, BooleanSupplier goOn) {
        String next = "";
        do {
            JsonNode page =
                    gateway.admin("GET", path + "?limit=2&after=" + next, null).json();
            page.get("items").forEach(item -> seen.add(item.get("id").asString()));
            next = page.get("next").asString();
        } while (goOn.getAsBoolean());
    }
}
