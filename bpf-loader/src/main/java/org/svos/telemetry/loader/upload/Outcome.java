package org.svos.telemetry.loader.upload;

/** What came of a post, as the metric counts it. */
public enum Outcome {
    ACCEPTED("accepted"),
    REPLAYED("replayed"),
    LATER("later"),
    UNAUTHENTICATED("unauthenticated"),
    PARKED("parked"),
    REFUSED("refused");

    private final String label;

    Outcome(String label) {
        this.label = label;
    }

    /** The metric's label. */
    public String label() {
        return label;
    }

    static Outcome of(Answer answer) {
        return switch (answer) {
            case Answer.Taken taken -> taken.replayed() ? REPLAYED : ACCEPTED;
            case Answer.Later ignored -> LATER;
            case Answer.Unauthenticated ignored -> UNAUTHENTICATED;
            case Answer.Parked ignored -> PARKED;
            case Answer.Refused ignored -> REFUSED;
        };
    }
}
