package org.svos.telemetry.loader.upload;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
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
    private final Semaphore nudges = new Semaphore(0);
    private volatile LaneState state;
    private volatile boolean isTold;
    /** Most events of a batch; fewer once the gateway has refused so many, until all is sent. */
    private int most = Integer.MAX_VALUE;

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
            nudges.drainPermits();
            Pause pause;
            uploader.enter();
            try {
                Config.Upload settings = uploader.upload();
                SpooledBatch batch = spool.next(sandbox, Math.min(most, settings.mergeEvents()), settings.mergeBytes());
                if (batch == null) {
                    return;
                }
                pause = send(batch);
            } catch (SpoolFault e) {
                pause = new Pause(String.valueOf(e.getMessage()), backoff.pause(null), false);
            } catch (RuntimeException | Error e) {
                // A lane that ended here would keep its batches until the sandbox's next one, or for ever.
                LOG.log(System.Logger.Level.ERROR, "Sandbox " + sandbox + ": its lane failed", e);
                pause = new Pause("the loader itself failed: " + e, backoff.pause(null), false);
            } finally {
                uploader.leave();
            }
            if (pause == null) {
                resumed();
            } else {
                await(pause);
            }
        }
    }

    private @Nullable Pause send(SpooledBatch batch) throws InterruptedException, SpoolFault {
        boolean settled = false;
        try {
            Pause pause = settle(batch, uploader.post(batch));
            settled = pause == null;
            return pause;
        } finally {
            if (!settled) {
                spool.leave(batch);
            }
        }
    }

    /** Told: by the gateway, how long. */
    private record Pause(String why, Duration length, boolean isTold) {}

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
            case Answer.Later later -> new Pause(later.why(), backoff.pause(later.told()), later.told() != null);
            case Answer.Unauthenticated refused -> new Pause(refused.why(), backoff.parked(), false);
            case Answer.Parked parked -> new Pause(parked.why(), backoff.parked(), false);
        };
    }

    private void refuse(SpooledBatch batch, Answer.Refused refused) throws SpoolFault {
        if (batch.events() > 1) {
            most = batch.events() / 2;
            spool.replace(batch, batch.halves());
        } else {
            spool.quarantine(batch, refused.code(), refused.text());
            uploader.report(sandbox, "an event is in quarantine: " + refused.text());
        }
    }

    private void await(Pause pause) throws InterruptedException {
        isTold = pause.isTold();
        state = new LaneState(sandbox, pause.why(), Instant.now().plus(pause.length()));
        uploader.report(sandbox, pause.why());
        if (nudges.tryAcquire(pause.length().toNanos(), TimeUnit.NANOSECONDS)) {
            backoff.reset();
        }
    }

    /**
     * Ends the pause: what it waits for may have been mended.
     *
     * @param isElsewhere also if the gateway has told how long to wait, as it is another one now
     */
    void tryNow(boolean isElsewhere) {
        if (isElsewhere || !isTold) {
            nudges.release();
        }
    }

    private void resumed() {
        backoff.reset();
        if (state.why() != null) {
            state = new LaneState(sandbox, null, null);
            LOG.log(System.Logger.Level.INFO, "Sandbox " + sandbox + ": batches are taken again.");
        }
    }
}
