package org.svos.telemetry.loader.spool;

import java.util.List;
import java.util.Map;
import org.svos.telemetry.loader.ledger.LocalRefusal;
import org.svos.telemetry.loader.ledger.Withheld;

/**
 * What was read from the ring since the last commit, to be committed together.
 *
 * @param taken records read: those in the batches, those refused and those withheld
 * @param refused records that are in no batch, by reason
 * @param withheld records that the host's owner has kept out of the batches, by reason
 */
public record Round(
        List<NewBatch> batches, long taken, Map<LocalRefusal, Long> refused, Map<Withheld, Long> withheld) {}
