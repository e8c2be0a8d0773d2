package org.svos.telemetry.loader.cli;

/** One line an occurrence, on standard error. */
final class Logging {

    private Logging() {}

    /** Before the first log line. */
    static void setUp() {
        if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
            System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL%1$tz %4$s %5$s%6$s%n");
        }
    }
}
