package org.svos.telemetry.gateway.audit;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The audit trail's call. */
@Configuration(proxyBeanMethods = false)
@Import(AuditApi.class)
public class AuditConfiguration {}
