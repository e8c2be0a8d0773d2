package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that cannot be are refused in words that name them. */
class RefusedValuesTest {

    private static final String URL = "gateway.lanternRock.url";

    @TempDir
    private Path folder;

    /** By the schema: what each value may be. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        gateway: {replica: 1}                                   | 'replica'
        gateway: {replicas: many}                               | /gateway/replicas
        gateway: {lanternRock: {url: lantern-rock}}             | /gateway/lanternRock/url
        gateway: {image: {digest: 'sha256:12'}}                 | /gateway/image/digest
        gateway: {image: {pullPolicy: Sometimes}}               | /gateway/image/pullPolicy
        gateway: {service: {port: 70000}}                       | /gateway/service/port
        gateway: {persistence: {size: ten}}                     | /gateway/persistence/size
        gateway: {persistence: {accessMode: ReadWriteMany}}     | /gateway/persistence/accessMode
        gateway: {extraEnv: [{nam: A}]}                         | /gateway/extraEnv/0
        gateway: {store: {postgresql: {url: 'postgresql://a/b'}}} | /gateway/store/postgresql/url
        gateway: {store: {postgresql: {url: 'jdbc:postgresql://me:secret@a/b'}}} | /gateway/store/postgresql/url
        gateway: {store: {postgresql: {connections: 3}}}        | /gateway/store/postgresql/connections
        gateway: {autoscaling: {minReplicas: 0}}                | /gateway/autoscaling/minReplicas
        gateway: {spool: {kafka: {bootstrapServers: kafka}}}    | /gateway/spool/kafka/bootstrapServers
        gateway: {spool: {kafka: {partitions: 0}}}              | /gateway/spool/kafka/partitions
        host: {port: 80}                                        | /host/port
        host: {spoolPath: spool}                                | /host/spoolPath
        host: {maxUnavailable: few}                             | /host/maxUnavailable
        host: {privileged: true}                                | 'privileged'
        bootstrap: {databases: [{owner: a}]}                    | /bootstrap/databases/0
        bootstrap: {databases: [{name: A, owner: a}]}           | /bootstrap/databases/0/name
        bootstrap: {databases: [{name: a, owner: a, size: huge}]} | /bootstrap/databases/0/size
        bootstrap: {databases: [{name: a, owner: a, sandboxes: [b]}]} | /bootstrap/databases/0/sandboxes/0
        monitoring: {serviceMonitor: {interval: often}}         | /monitoring/serviceMonitor/interval
        """)
    void byTheSchema(String values, String place) {
        assertThatThrownBy(() -> render(values))
                .hasMessageContaining("values don't meet the specifications")
                .hasMessageContaining(place);
    }

    /** By _validations.tpl: what values must be together, and what to set. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        gateway: {store: {type: mysql}}            | gateway.store.type is "mysql", which the gateway does not have: set it to sqlite, or to postgresql
        gateway: {store: {type: postgresql}}       | gateway.store.postgresql.url is empty: set it to where the database is
        gateway: {store: {type: postgresql}}       | gateway.store.postgresql.password is not set: set gateway.store.postgresql.password.existingSecret
        gateway: {store: {type: postgresql}}       | replicas must all have the same admin token: set gateway.adminToken.existingSecret
        gateway: {store: {type: postgresql, postgresql: {url: 'jdbc:postgresql://a/b?ssl=true&password=c'}}} | gateway.store.postgresql.url has a user or a password in it
        gateway: {store: {type: postgresql, postgresql: {password: {value: a, existingSecret: b}}}} | gateway.store.postgresql.password.existingSecret and gateway.store.postgresql.password.value are both set
        gateway: {store: {postgresql: {url: 'jdbc:postgresql://a/b'}}} | gateway.store.postgresql.url is set, and gateway.store.type is sqlite
        gateway: {store: {type: postgresql}, persistence: {existingClaim: a}} | gateway.persistence.existingClaim is set, and with gateway.store.type postgresql there is no volume
        gateway: {store: {type: postgresql}, autoscaling: {enabled: true, minReplicas: 5, maxReplicas: 3}} | gateway.autoscaling.minReplicas is 5, and maxReplicas is 3: set maxReplicas
        gateway: {store: {type: postgresql}, autoscaling: {enabled: true}, resources: {requests: {cpu: null}}} | gateway.resources.requests.cpu, which the utilization is a part of, is not set
        gateway: {settings: {telemetry: {postgresql: {password: a}}}} | gateway.settings.telemetry.postgresql.password is the chart's own: remove it, and use gateway.store.postgresql.password
        gateway: {spool: {type: files}}            | gateway.spool.type is "files", which the gateway does not have: set it to store, or to kafka
        gateway: {spool: {type: kafka}}            | gateway.spool.type is kafka, and gateway.store.type is sqlite: what is where has to be in a store that gateways share
        gateway: {spool: {type: kafka}}            | gateway.spool.kafka.bootstrapServers is empty: set it to some of the brokers
        gateway: {spool: {kafka: {bootstrapServers: 'a:1'}}} | gateway.spool.kafka.bootstrapServers is set, and gateway.spool.type is store
        gateway: {settings: {telemetry: {spool: kafka}}} | gateway.settings.telemetry.spool is the chart's own: remove it, and use gateway.spool.type
        gateway: {settings: {telemetry: {kafka: {topic: a}}}} | gateway.settings.telemetry.kafka.topic is the chart's own: remove it, and use gateway.spool.kafka.topic
        gateway: {replicas: 2}                     | gateway.replicas is 2, and the embedded store is one process on one file: set it to 1
        gateway: {autoscaling: {enabled: true}}    | gateway.autoscaling.enabled is true, and the embedded store cannot be scaled: set it to false
        gateway: {enabled: false}                  | host.gatewayUrl is empty, and gateway.enabled is false: set host.gatewayUrl
        gateway: {enabled: false}\\nhost: {enabled: false} | gateway.enabled and host.enabled are both false
        gateway: {ingress: {enabled: true}}        | gateway.ingress.host is empty: set it
        gateway: {httpRoute: {enabled: true}}      | gateway.httpRoute.parentRefs is empty: name the Gateway
        gateway: {ingress: {enabled: true, host: a}, httpRoute: {enabled: true, parentRefs: [{name: a}]}} | are both true: keep the one
        gateway: {service: {managementPort: 8080}} | gateway.service.port and gateway.service.managementPort are both 8080
        gateway: {adminToken: {value: a, existingSecret: b}} | gateway.adminToken.existingSecret and gateway.adminToken.value are both set
        bootstrap: {databases: [{name: a, owner: a}]} | needs the admin token: set gateway.adminToken.existingSecret
        bootstrap: {databases: [{name: a, owner: a, size: small, quota: {burst: 1}}]} | bootstrap.databases[0] has size and quota: keep one
        gateway: {settings: {telemetry: {data: /tmp}}} | gateway.settings.telemetry.data is the chart's own: remove it
        gateway: {settings: {telemetry: {lantern-rock: {url: a}}}} | gateway.settings.telemetry.lantern-rock.url is the chart's own: remove it, and use gateway.lanternRock.url
        gateway: {settings: {server: {port: 1}}}   | gateway.settings.server.port is the chart's own
        host: {settings: {http: {port: 1}}}        | host.settings.http is the chart's own: remove it, and use host.port
        host: {settings: {gateway: {url: a}}}      | host.settings.gateway.url is the chart's own: remove it, and use host.gatewayUrl
        host: {enabled: false}\\nmonitoring: {podMonitor: {enabled: true}} | monitoring.podMonitor.enabled is true, and host.enabled is false
        """)
    void byTheValidations(String values, String message) {
        assertThatThrownBy(() -> render(values.replace("\\n", "\n")))
                .hasMessageContaining("These values cannot be installed:")
                .hasMessageContaining(message);
    }

    @Test
    void theAddressOfLanternRockIsAskedFor() throws IOException {
        Path empty = Files.writeString(folder.resolve("values.yaml"), "{}");

        assertThatThrownBy(() -> Chart.render(empty))
                .hasMessageContaining(URL + " is empty: set it to the base address");
    }

    private String render(String values) throws IOException {
        String all = values.contains("lanternRock")
                ? values
                : values.contains("gateway: {")
                        ? values.replace("gateway: {", "gateway: {lanternRock: {url: 'http://a'}, ")
                        : values + "\ngateway: {lanternRock: {url: 'http://a'}}";
        return Chart.render(Files.writeString(folder.resolve("values.yaml"), all));
    }
}
