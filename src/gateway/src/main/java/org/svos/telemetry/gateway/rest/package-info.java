/** What every call of the REST API reads and answers alike: JSON bodies, pages of lists, preconditions. */
@NullMarked
package org.svos.telemetry.gateway.rest;

import org.jspecify.annotations.NullMarked;
