package org.svos.telemetry.gateway.hosts;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The hosts' call. */
@Configuration(proxyBeanMethods = false)
@Import(HostsApi.class)
public class HostsConfiguration {}
