/** Counts what became of every event, in the transaction that makes it so. */
@NullMarked
package org.svos.telemetry.gateway.ledger;

import org.jspecify.annotations.NullMarked;
