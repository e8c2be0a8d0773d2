package org.svos.telemetry.acceptance;

import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.svos.telemetry.acceptance.SentBatch.Fate;

/**
 * Sends the batches of one stream, as the host loader does: one after another, and each under its key until it is answered, however
 * often the connection breaks. Now and then it sends one twice at a time, repeats an old one, uses a key for another body, or gives
 * up.
 */
final class Sender {

    private static final Reply BROKEN = new Reply.Broken();
    private static final Reply UNREACHED = new Reply.Unreached();

    private final SandboxStream stream;
    private final LoadedDatabase database;
    private final Random random;
    private final Runnable onAccepted;
    private final Tally tally;
    private final Faults faults;
    private volatile boolean stopped;
    private volatile boolean hurried;

    /**
     * A sender.
     *
     * @param onAccepted is run when a 202 has been read, at once
     */
    Sender(LoadedDatabase database, SandboxStream stream, long seed, Runnable onAccepted, Tally tally, Faults faults) {
        this.database = database;
        this.stream = stream;
        this.random = new Random(seed);
        this.onAccepted = onAccepted;
        this.tally = tally;
        this.faults = faults;
    }

    /** What came of one request. */
    private sealed interface Reply {
        record Answered(Http.Answer answer) implements Reply {}

        /** The connection broke before an answer. */
        record Broken() implements Reply {}

        /** There was no connection. */
        record Unreached() implements Reply {}
    }

    /** Sends until it is stopped. */
    void run() {
        while (!stopped) {
            SentBatch old = random.nextInt(8) == 0 ? stream.anyAcknowledged(random) : null;
            if (old == null) {
                send(stream.next(random));
            } else {
                repeat(old, random.nextInt(3) == 0);
            }
            pause(random.nextInt(10) == 0 ? 60 : 4);
        }
    }

    /** Lets it end with the batch that it is at. */
    void stop() {
        stopped = true;
    }

    /** Lets it end without an answer. */
    void hurry() {
        stopped = true;
        hurried = true;
    }

    private void send(SentBatch batch) {
        int refusals = 0;
        while (batch.fate() == Fate.UNDECIDED) {
            List<Reply> replies = random.nextInt(25) == 0 ? twice(batch) : List.of(post(batch, false));
            Fate fate = judge(batch, replies);
            if (fate == Fate.REFUSED && ++refusals <= random.nextInt(3) && !stopped) {
                pause(200);
            } else if (fate != Fate.UNDECIDED) {
                decide(batch, fate);
            } else if (hurried || (replies.contains(BROKEN) && random.nextInt(8) == 0)) {
                decide(batch, batch.mayBeKept() ? Fate.ABANDONED : Fate.REFUSED);
            } else {
                pause(40);
            }
        }
    }

    private void decide(SentBatch batch, Fate fate) {
        batch.decided(fate);
        switch (fate) {
            case ACKNOWLEDGED -> {
                stream.acknowledged(batch, random);
                tally.one("batches acknowledged");
                tally.add("events acknowledged", batch.events());
            }
            case REFUSED -> tally.one("batches refused");
            case ABANDONED -> tally.one("batches abandoned");
            case UNDECIDED -> throw new IllegalArgumentException("no decision on " + batch);
        }
    }

    /** The same batch in two requests at a time. */
    private List<Reply> twice(SentBatch batch) {
        CompletableFuture<Reply> other =
                CompletableFuture.supplyAsync(() -> post(batch, false), Thread::startVirtualThread);
        Reply one = post(batch, false);
        List<Reply> replies = List.of(one, other.join());
        if (!replies.contains(UNREACHED)) {
            tally.one("batches sent twice at a time");
        }
        return replies;
    }

    /** What the replies to requests made at the same time mean for a batch that was not acknowledged before. */
    private Fate judge(SentBatch batch, List<Reply> replies) {
        boolean mayHaveBeenKept = batch.mayBeKept();
        List<Http.Answer> answers = new ArrayList<>();
        for (Reply reply : replies) {
            switch (reply) {
                case Reply.Answered(Http.Answer answer) -> answers.add(answer);
                case Reply.Broken() -> batch.leftOpen();
                case Reply.Unreached() -> {}
            }
        }
        long accepted =
                answers.stream().filter(answer -> answer.status() == 202).count();
        long replayed =
                answers.stream().filter(answer -> answer.status() == 200).count();
        if (accepted > 1) {
            faults.found("accepted by two requests: " + batch);
        }
        if (replayed > 0 && accepted == 0 && !batch.mayBeKept()) {
            faults.found("replayed, though every request before had been answered with a refusal: " + batch);
        }
        Fate fate = Fate.UNDECIDED;
        for (Http.Answer answer : answers) {
            Fate told = judge(batch, answer, mayHaveBeenKept || replies.size() > 1);
            fate = fate == Fate.ACKNOWLEDGED || told == Fate.UNDECIDED ? fate : told;
        }
        boolean allAnswered = answers.size() == replies.size();
        return fate == Fate.REFUSED && !allAnswered ? Fate.UNDECIDED : fate;
    }

    private Fate judge(SentBatch batch, Http.Answer answer, boolean mayBeInUse) {
        return switch (answer.status()) {
            case 202, 200 -> {
                check(batch, answer);
                yield Fate.ACKNOWLEDGED;
            }
            case 429 -> {
                stream.heard(batch);
                tally.add("answered/" + database.name() + "/quota-exceeded", batch.events() + batch.invalidEvents());
                if (!database.mayRefuse()) {
                    faults.found("refused, though nothing is near its quota: " + batch + ": " + answer.body());
                }
                yield Fate.REFUSED;
            }
            case 409 -> {
                if (!mayBeInUse) {
                    faults.found("in use, though nobody else sends it: " + batch);
                }
                yield Fate.UNDECIDED;
            }
            case 503 -> {
                if (!database.isCertain()) {
                    batch.leftOpen();
                }
                yield Fate.UNDECIDED;
            }
            default -> {
                faults.found("answered with " + answer.status() + ": " + batch + ": " + answer.body());
                yield Fate.UNDECIDED;
            }
        };
    }

    private void check(SentBatch batch, Http.Answer answer) {
        stream.heard(batch);
        boolean replayed = "true".equals(answer.headers().get("Idempotency-Replayed"));
        if (replayed != (answer.status() == 200)) {
            faults.found("answered with " + answer.status() + " and Idempotency-Replayed " + replayed + ": " + batch);
        }
        if (replayed) {
            tally.add("answered/" + database.name() + "/duplicate", batch.events() + batch.invalidEvents());
        }
        String wrong = batch.answered(answer.body());
        if (wrong != null) {
            faults.found(batch + " " + wrong);
        }
    }

    /** Sends one that was acknowledged again, as it was or with another body. */
    private void repeat(SentBatch batch, boolean altered) {
        boolean broken = false;
        while (!hurried) {
            Reply reply = post(batch, altered);
            switch (reply) {
                case Reply.Answered(Http.Answer answer) -> {
                    int status = answer.status();
                    if (status == (altered ? 422 : 200)) {
                        if (altered) {
                            tally.add(
                                    "answered/" + database.name() + "/key-reused",
                                    batch.events() + batch.invalidEvents());
                        } else {
                            check(batch, answer);
                        }
                        return;
                    }
                    if (status != 503 && !(status == 409 && broken)) {
                        faults.found("answered with " + status + " when it was repeated"
                                + (altered ? " with another body" : "") + ": " + batch + ": " + answer.body());
                        return;
                    }
                }
                case Reply.Broken() -> broken = true;
                case Reply.Unreached() -> {}
            }
            pause(40);
        }
    }

    private Reply post(SentBatch batch, boolean altered) {
        Map<String, String> headers = new HashMap<>(batch.contentHeaders());
        headers.put("Authorization", "Bearer " + database.secret());
        headers.put("Idempotency-Key", "\"" + batch.key() + "\"");
        try {
            Http.Answer answer = Http.send("POST", database.url(stream), headers, batch.onTheWire(altered));
            if (answer.status() == 202) {
                onAccepted.run();
            }
            tally.one("status/" + answer.status() + (answer.status() < 300 ? "" : " " + answer.code()));
            return new Reply.Answered(answer);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof ConnectException) {
                return UNREACHED;
            }
            if (e.getCause() instanceof HttpTimeoutException) {
                faults.found("not answered in time: " + batch);
            }
            tally.one("connections broken");
            return BROKEN;
        }
    }

    private void pause(int millis) {
        try {
            Thread.sleep(random.nextInt(millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            hurry();
        }
    }
}
