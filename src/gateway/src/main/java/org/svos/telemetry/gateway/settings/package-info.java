/** The settings' file, the data folder, and faults in either, told so that one can mend them. */
@NullMarked
package org.svos.telemetry.gateway.settings;

import org.jspecify.annotations.NullMarked;
