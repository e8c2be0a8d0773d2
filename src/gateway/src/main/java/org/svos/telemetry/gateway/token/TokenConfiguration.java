package org.svos.telemetry.gateway.token;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The tokens' calls. */
@Configuration(proxyBeanMethods = false)
@Import(TokenApi.class)
public class TokenConfiguration {}
