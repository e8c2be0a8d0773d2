package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import java.util.TreeMap;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;
import tools.jackson.databind.json.JsonMapper;

/** What is said of the API as a whole, and of every call. */
@Configuration(proxyBeanMethods = false)
public class OpenapiConfiguration {

    private static final String BEARER = "bearer";

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(Caller.class, Form.class, Page.Request.class);
    }

    @Bean
    OpenAPI api() {
        return new OpenAPI()
                .info(new Info()
                        .title("Kernel Telemetry gateway")
                        .version("v1")
                        .description("Takes batches of events from host loaders, and lets the owners of registered"
                                + " databases see what became of them."))
                .servers(List.of(new Server().url("/")))
                .components(new Components()
                        .addSecuritySchemes(
                                BEARER,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")
                                        .description("A token of role admin, owner, reader or host")))
                .addSecurityItem(new SecurityRequirement().addList(BEARER));
    }

    @Bean
    Shapes shapes(JsonMapper json) {
        return new Shapes(json);
    }

    @Bean
    GlobalOperationCustomizer calls(Shapes shapes) {
        return new CallDescription(shapes);
    }

    /** When all calls are described, the records that they answer with are known, in the place of Swagger's own. */
    @Bean
    GlobalOpenApiCustomizer intakeAndComponents(Shapes shapes) {
        return api -> {
            IntakeDescription.addTo(api);
            Components components = api.getComponents();
            components.setSchemas(new TreeMap<>());
            components.addSchemas(ProblemAnswers.NAME, Schemas.of(ProblemAnswers.SCHEMA));
            IntakeDescription.schemas().forEach((name, schema) -> components.addSchemas(name, Schemas.of(schema)));
            shapes.named().forEach((name, schema) -> components.addSchemas(name, Schemas.of(schema)));
        };
    }
}
