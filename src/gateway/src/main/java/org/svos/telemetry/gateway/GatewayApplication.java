package org.svos.telemetry.gateway;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.svos.telemetry.gateway.access.AccessConfiguration;
import org.svos.telemetry.gateway.admission.AdmissionConfiguration;
import org.svos.telemetry.gateway.audit.AuditConfiguration;
import org.svos.telemetry.gateway.bootstrap.BootstrapCommand;
import org.svos.telemetry.gateway.connection.ConnectionConfiguration;
import org.svos.telemetry.gateway.deadletter.DeadLetterConfiguration;
import org.svos.telemetry.gateway.diagnosis.DiagnosisConfiguration;
import org.svos.telemetry.gateway.forward.ForwardConfiguration;
import org.svos.telemetry.gateway.hosts.HostsConfiguration;
import org.svos.telemetry.gateway.intake.IntakeConfiguration;
import org.svos.telemetry.gateway.ledger.LedgerConfiguration;
import org.svos.telemetry.gateway.move.MoveCommand;
import org.svos.telemetry.gateway.openapi.OpenapiConfiguration;
import org.svos.telemetry.gateway.problem.ProblemConfiguration;
import org.svos.telemetry.gateway.registry.RegistryConfiguration;
import org.svos.telemetry.gateway.rest.RestConfiguration;
import org.svos.telemetry.gateway.settings.SettingsConfiguration;
import org.svos.telemetry.gateway.spool.BodiesConfiguration;
import org.svos.telemetry.gateway.spool.SpoolConfiguration;
import org.svos.telemetry.gateway.store.StoreConfiguration;
import org.svos.telemetry.gateway.tail.TailConfiguration;
import org.svos.telemetry.gateway.token.TokenConfiguration;
import org.svos.telemetry.gateway.tracing.TracingConfiguration;
import org.svos.telemetry.gateway.usage.UsageConfiguration;
import org.svos.telemetry.gateway.verify.VerifyCommand;

/**
 * The gateway's process. Its rooms are imported one by one: what is not named here does not run.
 *
 * <p>Left out of Spring Boot's own: a data source and Flyway (the store opens its own, two kinds of connection to one file),
 * users with passwords (there are tokens only), the error page (problems are written where faults are found), and the
 * observation of every request (a hot path that counts itself).
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {
            DataSourceAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            UserDetailsServiceAutoConfiguration.class,
            ErrorMvcAutoConfiguration.class,
            WebMvcObservationAutoConfiguration.class
        })
@Import({
    AccessConfiguration.class,
    AdmissionConfiguration.class,
    AuditConfiguration.class,
    BodiesConfiguration.class,
    ConnectionConfiguration.class,
    DeadLetterConfiguration.class,
    DiagnosisConfiguration.class,
    ForwardConfiguration.class,
    HostsConfiguration.class,
    IntakeConfiguration.class,
    LedgerConfiguration.class,
    OpenapiConfiguration.class,
    ProblemConfiguration.class,
    RegistryConfiguration.class,
    RestConfiguration.class,
    SettingsConfiguration.class,
    SpoolConfiguration.class,
    StoreConfiguration.class,
    TailConfiguration.class,
    TokenConfiguration.class,
    TracingConfiguration.class,
    UsageConfiguration.class
})
public class GatewayApplication {

    private static final Logger log = LoggerFactory.getLogger(GatewayApplication.class);

    /** What tells the time to everything that keeps it. */
    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    /** One line when the doors are open, with the ports that they are at. */
    @Bean
    ApplicationListener<ApplicationReadyEvent> ready() {
        return event -> {
            Environment environment = event.getApplicationContext().getEnvironment();
            log.info(
                    "ready in {} ms{}: API on port {}, management on port {}",
                    event.getTimeTaken() == null ? "?" : event.getTimeTaken().toMillis(),
                    MadeAhead.isUsed() ? ", as the build wired it" : "",
                    environment.getProperty("local.server.port"),
                    environment.getProperty("local.management.port"));
        };
    }

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(VerifyCommand.NAME)) {
            System.exit(VerifyCommand.run(Arrays.copyOfRange(args, 1, args.length), System.out));
        }
        if (args.length > 0 && args[0].equals(MoveCommand.NAME)) {
            System.exit(MoveCommand.run(Arrays.copyOfRange(args, 1, args.length), System.out));
        }
        if (args.length > 0 && args[0].equals(BootstrapCommand.NAME)) {
            System.exit(BootstrapCommand.run(List.of(args).subList(1, args.length), System.getenv(), System.out));
        }
        MadeAhead.use();
        SpringApplication.run(GatewayApplication.class, args);
    }
}
