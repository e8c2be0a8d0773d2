package org.svos.telemetry.loader.upload;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;
import org.svos.telemetry.loader.spool.SpooledBatch;

/**
 * Sends one sandbox's batches, in their order, one at a time. A batch that the gateway never takes is cut in two, again
 * and again, until only the events at fault are left, which go into quarantine.
 */
final class Lane {

    private static final System.Logger LOG = System.getLogger(Lane.class.getName());

    private final SandboxId sandbox;
    private final Spool spool;
    private final Uploader uploader;
    private final Backoff backoff;
    private volatile LaneState state;

    Lane(SandboxId sandbox, Spool spool, Uploader uploader, Backoff backoff) {
        this.sandbox = sandbox;
        this.spool = spool;
        this.uploader = uploader;
        this.backoff = backoff;
        this.state = new LaneState(sandbox, null, null);
    }

    LaneState state() {
        return state;
    }

    /** Sends until nothing is left. */
    void run() throws InterruptedException {
        while (true) {
            try {
                SpooledBatch batch = spool.next(sandbox);
                if (batch == null) {
                    return;
                }
                send(batch);
            } catch (SpoolFault e) {
                pause(String.valueOf(e.getMessage()), backoff.pause(null));
            } catch (RuntimeException | Error e) {
                // A lane that ended here would keep its batches until the sandbox's next one, or for ever.
                LOG.log(System.Logger.Level.ERROR, "Sandbox " + sandbox + ": its lane failed", e);
                pause("the loader itself failed: " + e, backoff.pause(null));
            }
        }
    }

    private void send(SpooledBatch batch) throws InterruptedException, SpoolFault {
        boolean settled = false;
        Pause pause;
        try {
            pause = settle(batch, uploader.post(batch));
            settled = pause == null;
        } finally {
            if (!settled) {
                spool.leave(batch);
            }
        }
        if (pause == null) {
            resumed();
        } else {
            pause(pause.why(), pause.length());
        }
    }

    private record Pause(String why, Duration length) {}

    /** Does what the answer asks for; what to wait for if the batch is still there afterwards. */
    private @Nullable Pause settle(SpooledBatch batch, Answer answer) throws SpoolFault {
        return switch (answer) {
            case Answer.Taken taken -> {
                spool.accepted(batch, taken.accepted(), taken.rejected());
                yield null;
            }
            case Answer.Refused refused -> {
                refuse(batch, refused);
                yield null;
            }
            case Answer.Later later -> new Pause(later.why(), backoff.pause(later.told()));
            case Answer.Unauthenticated refused -> new Pause(refused.why(), backoff.parked());
            case Answer.Parked parked -> new Pause(parked.why(), backoff.parked());
        };
    }

    private void refuse(SpooledBatch batch, Answer.Refused refused) throws SpoolFault {
        if (batch.events() > 1) {
            spool.replace(batch, batch.halves());
        } else {
            spool.quarantine(batch, refused.code(), refused.text());
            uploader.report(sandbox, "an event is in quarantine: " + refused.text());
        }
    }

    private void pause(String why, Duration length) throws InterruptedException {
        state = new LaneState(sandbox, why, Instant.now().plus(length));
        uploader.report(sandbox, why);
        Thread.sleep(length);
    }

    private void resumed() {
        backoff.reset();
        if (state.why() != null) {
            state = new LaneState(sandbox, null, null);
            LOG.log(System.Logger.Level.INFO, "Sandbox " + sandbox + ": batches are taken again.");
        }
    }
}
