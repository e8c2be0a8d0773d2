package org.svos.telemetry.gateway.verify;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.LedgerConfiguration;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.settings.SettingsConfiguration;
import org.svos.telemetry.gateway.spool.Bodies;
import org.svos.telemetry.gateway.spool.BodiesConfiguration;
import org.svos.telemetry.gateway.spool.SpoolCheck;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreConfiguration;

/**
 * {@code java -jar telemetry-gateway.jar verify}: opens the store of a gateway that does not run, which brings its file up to its
 * journal as a start does, reads all that it holds, and says what is damaged. It puts nothing into quarantine; the lanes do, and
 * go on with the rest.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import({SettingsConfiguration.class, StoreConfiguration.class, BodiesConfiguration.class, LedgerConfiguration.class})
public class VerifyCommand {

    /** The word that asks for it, as first argument. */
    public static final String NAME = "verify";

    private static final int SOUND = 0;
    private static final int DAMAGED = 1;

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Bean
    MeterRegistry meters() {
        return new SimpleMeterRegistry();
    }

    /**
     * Runs it.
     *
     * @param arguments settings, as the gateway takes them
     * @return the exit code: 0 if all is sound, 1 if not. A store that cannot be opened ends the process with Spring's own
     */
    public static int run(String[] arguments, PrintStream out) {
        SpringApplication application = new SpringApplicationBuilder(VerifyCommand.class)
                .web(WebApplicationType.NONE)
                .build(arguments);
        try (ConfigurableApplicationContext context = application.run(arguments)) {
            Store store = context.getBean(Store.class);
            out.println("store       " + store.place());
            List<String> faults = new ArrayList<>(engine(store, out));
            faults.addAll(journal(store, out));
            faults.addAll(spool(new SpoolCheck(store, context.getBean(Bodies.class)), out));
            faults.addAll(ledger(context.getBean(Ledger.class), out));
            faults.forEach(fault -> out.println("DAMAGED     " + fault));
            out.println(faults.isEmpty() ? "sound" : faults.size() + " faults");
            return faults.isEmpty() ? SOUND : DAMAGED;
        }
    }

    private static List<String> engine(Store store, PrintStream out) {
        List<String> faults = store.check();
        out.println("file        " + (faults.isEmpty() ? "sound" : "damaged"));
        return faults;
    }

    private static List<String> journal(Store store, PrintStream out) {
        int damaged = store.damagedCommits();
        out.println(
                "journal     " + store.recoveredCommits() + " commits taken over, " + damaged + " damaged or missing");
        return damaged == 0 ? List.of() : List.of(damaged + " commits of the journal; the log above tells which");
    }

    private static List<String> spool(SpoolCheck check, PrintStream out) {
        SpoolCheck.Report report = check.run();
        out.println("spool       " + report.batches() + " batches wait, " + report.events() + " events");
        out.println("quarantine  " + report.quarantined() + " batches, " + report.quarantinedEvents() + " events");
        return report.damage();
    }

    private static List<String> ledger(Ledger ledger, PrintStream out) {
        Totals totals = ledger.all();
        out.println("ledger      accepted " + totals.accepted() + ", delivered " + totals.delivered() + ", waiting "
                + totals.waiting() + ", imbalance " + totals.imbalance());
        return totals.imbalance() == 0
                ? List.of()
                : List.of("the ledger does not add up, by " + totals.imbalance() + " events");
    }
}
