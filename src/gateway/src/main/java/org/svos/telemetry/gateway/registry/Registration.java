package org.svos.telemetry.gateway.registry;

/** A registered sandbox, with the database that it belongs to. */
public record Registration(Sandbox sandbox, Database database) {}
