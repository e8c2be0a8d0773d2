package org.svos.telemetry.gateway.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which status the application's side sees of what Tomcat found by itself. */
class LastingProtocolTest {

    @TempDir
    private Path folder;

    private final List<Integer> seen = new ArrayList<>();

    @Test
    void aRequestLeftUnreadByAConnectorThatClosesIsNotABadOne() throws Exception {
        var protocol = new LastingProtocol();
        var connector = new Connector(protocol);
        var tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        connector.setPort(0);
        tomcat.setConnector(connector);
        tomcat.start();
        try {
            protocol.setAdapter(new CoyoteAdapter(connector) {
                @Override
                public void service(Request request, Response response) {
                    seen.add(response.getStatus());
                }
            });
            serve(protocol, 400);
            connector.pause();
            serve(protocol, 400);
            serve(protocol, 200);
        } finally {
            tomcat.stop();
            tomcat.destroy();
        }

        assertThat(seen).containsExactly(400, 503, 200);
    }

    private static void serve(LastingProtocol protocol, int found) throws Exception {
        var response = new Response();
        response.setStatus(found);
        protocol.getAdapter().service(new Request(), response);
    }
}
