package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;

/** What is said of the API as a whole, and of every call alike. */
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
    GlobalOperationCustomizer pagesAndProblems() {
        return new CommonParts();
    }

    @Bean
    GlobalOpenApiCustomizer intake() {
        return new IntakeDescription();
    }
}
