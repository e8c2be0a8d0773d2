package org.svos.telemetry.gateway.problem;

/** The codes of the public contract: each has one status and one title, for ever. */
public enum ProblemCode {
    MALFORMED_BODY(400, "malformed-body", "The body is malformed"),
    MISSING_IDEMPOTENCY_KEY(400, "missing-idempotency-key", "The idempotency key is missing"),
    INVALID_IDEMPOTENCY_KEY(400, "invalid-idempotency-key", "The idempotency key is invalid"),
    INVALID_SANDBOX_ID(400, "invalid-sandbox-id", "The sandbox ID is invalid"),
    INVALID_REQUEST(400, "invalid-request", "The request is invalid"),
    UNAUTHENTICATED(401, "unauthenticated", "A valid token is needed"),
    NOT_ALLOWED(403, "not-allowed", "The token may not do this"),
    SANDBOX_UNKNOWN(403, "sandbox-unknown", "The sandbox is not registered"),
    SANDBOX_SUSPENDED(403, "sandbox-suspended", "The sandbox is suspended"),
    DATABASE_SUSPENDED(403, "database-suspended", "The database is suspended"),
    NOT_FOUND(404, "not-found", "There is nothing here"),
    METHOD_NOT_ALLOWED(405, "method-not-allowed", "The method is not allowed here"),
    NOT_ACCEPTABLE(406, "not-acceptable", "No acceptable form of the answer exists"),
    KEY_IN_USE(409, "key-in-use", "The idempotency key is being admitted right now"),
    ALREADY_EXISTS(409, "already-exists", "The name is taken"),
    BELONGS_ELSEWHERE(409, "belongs-elsewhere", "The sandbox belongs to another database"),
    EVENTS_WAITING(409, "events-waiting", "Events still wait for delivery"),
    PRECONDITION_FAILED(412, "precondition-failed", "It was changed in the meantime"),
    BATCH_TOO_LARGE(413, "batch-too-large", "The batch is too large"),
    BATCH_EXCEEDS_QUOTA(413, "batch-exceeds-quota", "The batch is larger than the whole quota"),
    REQUEST_TOO_LARGE(413, "request-too-large", "The request is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "The media type or encoding is not supported"),
    KEY_REUSED(422, "key-reused", "The idempotency key was used for another body"),
    PRECONDITION_REQUIRED(428, "precondition-required", "If-Match is required"),
    QUOTA_EXCEEDED(429, "quota-exceeded", "The database is over its quota"),
    TOO_MANY_READERS(429, "too-many-readers", "The database has as many readers as it may"),
    INTERNAL_ERROR(500, "internal-error", "The gateway has a defect"),
    UNAVAILABLE(503, "unavailable", "The gateway cannot do this now"),
    OVERLOADED(503, "overloaded", "The gateway has too much to do"),
    DRAINING(503, "draining", "The gateway is shutting down"),
    SPOOL_FULL(507, "spool-full", "The spool is full");

    private final int status;
    private final String wireName;
    private final String title;

    ProblemCode(int status, String wireName, String title) {
        this.status = status;
        this.wireName = wireName;
        this.title = title;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The code as answers and metrics spell it. */
    public String wireName() {
        return wireName;
    }

    /** The same short sentence for every problem of this code. */
    public String title() {
        return title;
    }
}
