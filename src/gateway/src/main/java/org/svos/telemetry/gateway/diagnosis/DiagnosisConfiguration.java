package org.svos.telemetry.gateway.diagnosis;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The call that says what is wrong. */
@Configuration(proxyBeanMethods = false)
@Import(DiagnosisApi.class)
public class DiagnosisConfiguration {}
