/** Posts what the spool holds, a lane a sandbox. */
@NullMarked
package org.svos.telemetry.loader.upload;

import org.jspecify.annotations.NullMarked;
