package org.svos.telemetry.acceptance;

import java.util.ArrayList;
import java.util.List;

/** What was seen that contradicts the promise. */
final class Faults {

    /** One cause can show a thousand times; the first tell enough. */
    private static final int TOLD = 40;

    private final List<String> told = new ArrayList<>();
    private int found;

    synchronized void found(String fault) {
        found++;
        if (found <= TOLD) {
            told.add(fault);
            System.out.println("FAULT: " + fault);
        }
    }

    /** The first of them, in words. */
    synchronized List<String> told() {
        return List.copyOf(told);
    }

    synchronized int count() {
        return found;
    }
}
