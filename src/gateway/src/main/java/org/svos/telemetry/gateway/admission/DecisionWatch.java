package org.svos.telemetry.gateway.admission;

/**
 * Looks on at decisions. It is told by the one thread that decides, after the commit and before the answers, so it must neither
 * wait nor fail.
 */
public interface DecisionWatch {

    /** Nobody looks. */
    DecisionWatch NOBODY = new DecisionWatch() {
        @Override
        public boolean isWatching() {
            return false;
        }

        @Override
        public void decided(Batch batch, Outcome outcome) {}
    };

    /** Whether it wants to be told of anything now; asked once for each group. */
    boolean isWatching();

    /** This was decided on that batch. */
    void decided(Batch batch, Outcome outcome);
}
