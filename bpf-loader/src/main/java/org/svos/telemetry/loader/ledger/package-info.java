/** What became of every event on this host, and the sums that must hold. */
@NullMarked
package org.svos.telemetry.loader.ledger;

import org.jspecify.annotations.NullMarked;
