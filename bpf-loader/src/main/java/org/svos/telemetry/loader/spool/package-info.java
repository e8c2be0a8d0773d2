/** The durable queue on the host, with the loader's ledger in the same file. */
@NullMarked
package org.svos.telemetry.loader.spool;

import org.jspecify.annotations.NullMarked;
