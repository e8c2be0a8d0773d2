package org.svos.telemetry.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One figure of several runs. */
final class Figures {

    private final List<Double> all = new ArrayList<>();

    void add(double figure) {
        all.add(figure);
    }

    double median() {
        List<Double> sorted = all.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    /** The median, and the lowest and highest. */
    @Override
    public String toString() {
        List<Double> sorted = all.stream().sorted().toList();
        return shown(median()) + " (" + shown(sorted.getFirst()) + "–" + shown(sorted.getLast()) + ")";
    }

    private static String shown(double figure) {
        return String.format(Locale.ROOT, figure < 100 ? "%.2f" : "%,.0f", figure);
    }
}
