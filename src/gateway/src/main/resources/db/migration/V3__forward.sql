-- What the lanes remember between deliveries. All instants are epoch milliseconds unless said. As in V2, no foreign keys.

-- What is open in one sandbox on one boot of one host: a row only while there is a session or an application.
create table stream_session (
    database_id         bigint       not null,
    sandbox             varchar(36)  not null,
    host_id             varchar(128) not null, -- empty: a client that is no host
    boot_id             varchar(128) not null, -- empty: not given
    session_id          varchar(64),           -- null: no session
    session_name        varchar(128),
    session_start       varchar(40),           -- RFC 3339, to the nanosecond
    application_name    varchar(128),
    application_version varchar(128),
    changed_at          bigint       not null,
    primary key (database_id, sandbox, host_id, boot_id)
);

create index stream_session_by_age on stream_session (changed_at);

-- Where the batch at the head of a lane is cut into parts that are delivered one by one. Kept before the first part is sent, so
-- that after a crash the same parts go out under the same keys.
create table lane_cut (
    database_id bigint  not null,
    position    bigint  not null, -- of the batch in the spool
    event       integer not null, -- the cut is before this event, from 0 among the batch's valid ones
    primary key (database_id, position, event)
);

-- Events that Lantern Rock will never take as they are.
create table dead_letter (
    id              ${identity},
    database_id     bigint       not null,
    sandbox         varchar(36)  not null,
    idempotency_key varchar(255) not null, -- that they were refused under
    events          integer      not null, -- 1, or all of a body that could not be read
    reason          varchar(32)  not null, -- refused, unreadable
    status          integer,               -- Lantern Rock's answer; null: it was not asked
    answer          varchar(4096) not null,
    kind            varchar(16),
    name            varchar(128),
    seq             bigint,
    delivery        ${bytes},              -- JSON as on the wire, with this one record; null: unreadable
    body            ${bytes},              -- the unreadable body as it came; null: readable
    encoding        varchar(8),            -- of the body
    admitted_at     bigint       not null,
    died_at         bigint       not null
);

create index dead_letter_by_database on dead_letter (database_id, id);
