package org.svos.telemetry.loader.spool;

import java.util.List;
import java.util.Map;
import org.svos.telemetry.loader.ledger.LocalRefusal;

/**
 * What was read from the ring since the last commit, to be committed together.
 *
 * @param taken records read: those in the batches and those refused
 * @param refused records that are in no batch, by reason
 */
public record Round(List<NewBatch> batches, long taken, Map<LocalRefusal, Long> refused) {}
