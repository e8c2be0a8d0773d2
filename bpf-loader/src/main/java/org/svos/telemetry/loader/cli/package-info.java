/** The loader's commands: run, doctor, status and detach, and the loopback port that they and Prometheus read. */
@NullMarked
package org.svos.telemetry.loader.cli;

import org.jspecify.annotations.NullMarked;
