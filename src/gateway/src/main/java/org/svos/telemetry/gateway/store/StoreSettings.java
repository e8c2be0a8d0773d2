package org.svos.telemetry.gateway.store;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What keeps everything.
 *
 * @param store the engine
 */
@ConfigurationProperties("telemetry")
record StoreSettings(Dialect store) {}
