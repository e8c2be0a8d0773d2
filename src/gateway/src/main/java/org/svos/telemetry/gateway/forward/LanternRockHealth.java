package org.svos.telemetry.gateway.forward;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether Lantern Rock answers. Never DOWN: a gateway whose Lantern Rock is away is well, and keeps what it accepts.
 */
final class LanternRockHealth implements HealthIndicator {

    private final GuardedLanternRock lanternRock;
    private final LanternRockSettings settings;

    LanternRockHealth(GuardedLanternRock lanternRock, LanternRockSettings settings) {
        this.lanternRock = lanternRock;
        this.settings = settings;
    }

    @Override
    public Health health() {
        Health.Builder health = lanternRock.isClosed() ? Health.up() : Health.unknown();
        return health.withDetail("url", settings.url().toString())
                .withDetail("answers", lanternRock.isClosed())
                .build();
    }
}
