package org.svos.telemetry.loader.cli;

import java.util.OptionalLong;
import org.svos.telemetry.loader.attach.RingBook;
import org.svos.telemetry.loader.spool.RingMark;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/** The account of rings that the spool keeps, together with what was read from them. */
final class SpoolBook implements RingBook<SpoolFault> {

    private static final System.Logger LOG = System.getLogger(SpoolBook.class.getName());

    private final Spool spool;
    private final OptionalLong known;

    private SpoolBook(Spool spool, OptionalLong known) {
        this.spool = spool;
        this.known = known;
    }

    static SpoolBook of(Spool spool) throws SpoolFault {
        RingMark last = spool.ring();
        return new SpoolBook(spool, last == null ? OptionalLong.empty() : OptionalLong.of(last.ring()));
    }

    @Override
    public OptionalLong known() {
        return known;
    }

    @Override
    public void begins(long ring) throws SpoolFault {
        long gone = spool.beginRing(ring);
        if (gone > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The loader before this one ended with " + gone
                            + " events in its ring, which is gone: they are lost (uncleanStop).");
        }
    }
}
