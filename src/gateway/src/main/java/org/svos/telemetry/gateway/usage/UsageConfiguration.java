package org.svos.telemetry.gateway.usage;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The calls of usage and ledger. */
@Configuration(proxyBeanMethods = false)
@Import({LedgerApi.class, UsageApi.class})
public class UsageConfiguration {}
