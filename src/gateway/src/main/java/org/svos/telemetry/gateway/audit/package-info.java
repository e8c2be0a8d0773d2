/** Who changed what: written in the transaction of the change itself. */
@NullMarked
package org.svos.telemetry.gateway.audit;

import org.jspecify.annotations.NullMarked;
