/** The one place that knows which database engine runs: connections, transactions, migrations, faults. */
@NullMarked
package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.NullMarked;
