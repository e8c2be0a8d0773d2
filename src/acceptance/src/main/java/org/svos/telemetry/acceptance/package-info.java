/** The whole system, tested from outside: the jars that are shipped, run as processes, spoken to over HTTP. */
@NullMarked
package org.svos.telemetry.acceptance;

import org.jspecify.annotations.NullMarked;
