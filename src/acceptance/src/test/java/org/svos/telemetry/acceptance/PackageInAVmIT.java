package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's package as a fleet has it: dpkg installs, upgrades and purges it, and systemd runs it, in a VM with Debian. */
class PackageInAVmIT {

    @TempDir
    private Path folder;

    @Test
    void installedUpgradedWhileCallsAreMadeHungAndPurgedNoCallIsLostAndNothingIsLeft() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("packaged", "\"size\": \"large\"");
            DebianPackages packages = DebianPackages.made();
            VirtualMachine machine = VirtualMachine.withDebian(folder);

            VirtualMachine.Run run = machine.runWith(
                    Map.of(
                            "first.deb", packages.host(),
                            "second.deb", packages.laterHost(folder),
                            "token", database.writeToken(folder)),
                    "package",
                    Map.of(
                            "SANDBOX", database.sandbox(),
                            "GATEWAY_URL", VirtualMachine.fromTheGuest(gateway.url())));

            assertThat(run.exitCode()).as(run.console()).isZero();
            run.lines("vm: ").forEach(System.out::println);
            assertThat(run.console())
                    .contains(
                            "vm: verified:",
                            "vm: set up,",
                            "vm: upgraded while calls were made,",
                            "vm: one that hung was replaced",
                            "vm: purged, nothing is left");
            long calls = Long.parseLong(run.line("calls: ").replaceAll("\\D", ""));
            assertThat(calls).as("made meanwhile").isGreaterThan(500);
            assertThat(HostLedger.of(run.line("ledger: "))).isEqualTo(HostLedger.allAccepted(calls));
            lanternRock.awaitInOrder("packaged", calls);
            assertThat(gateway.ledger("packaged").path("sequenceGaps").asLong()).isZero();
            assertThat(gateway.ledger("packaged").path("imbalance").asLong()).isZero();
        }
    }
}
