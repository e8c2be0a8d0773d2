package org.svos.telemetry.lanternrock.http;

import org.svos.telemetry.lanternrock.Receipt;

/** What one protocol makes of an answer's body. What the status means is the same for all of them. */
public interface Protocol {

    /** What a 2xx comes to. */
    Receipt taken(Answer answer);

    /** What any other answer says, for a person. */
    String words(Answer answer);
}
