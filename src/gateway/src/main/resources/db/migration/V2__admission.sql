-- The last commit of the store's journal that is in these tables.
create table journal (
    sequence bigint not null
);
insert into journal (sequence) values (0);

-- What admission decides by and writes, all of it in one commit. All instants are epoch milliseconds.
-- None of these tables refers to registered_database by a foreign key: the ledger outlives its database, and what waits in the
-- spool is discarded, and counted, before its database goes. Keys of databases are never given twice.

-- What a database has used. No row: nothing yet.
create table quota (
    database_id bigint not null primary key,
    day         bigint not null, -- UTC, days since the epoch
    day_used    bigint not null, -- decompressed bytes
    debt        bigint not null, -- thousandths of events that the bucket lacks, as of debt_at
    debt_at     bigint not null
);

-- Idempotency keys and the answer that each got, in the order of their admission.
create table admitted_key (
    id          ${number},            -- the batch's position in the spool
    database_id bigint      not null,
    sandbox     varchar(36) not null,
    key         varchar(64) not null,
    body_hash   ${bytes}    not null, -- SHA-256 of the decompressed body
    accepted    integer     not null,
    rejected    text,                 -- a line for each rejected event; null: none
    admitted_at bigint      not null,
    unique (database_id, sandbox, key)
);

-- Pieces of the spool: batches of one database that were admitted together, on their way to Lantern Rock. Appended, read by lanes,
-- removed once passed. The batches themselves are in the journal, or, where they outstayed their segment, in the row.
create table spool (
    position    ${number},            -- of the first batch; each has one more than the one before
    last        bigint  not null,             -- of the last batch
    database_id bigint  not null,
    events      bigint  not null,             -- valid ones, of all batches that are not in quarantine
    bytes       bigint  not null,             -- of their decompressed bodies
    admitted_at bigint  not null,
    length      integer not null,             -- of the piece
    segment     bigint,                       -- of the journal, that the piece is in; null: it is here
    place       bigint,                       -- of its first byte there
    body        ${bytes}
);

-- A lane's way through the spool, and all that the ledger asks of it.
create index spool_by_lane on spool (database_id, last, events, bytes);
create index spool_by_segment on spool (segment, length);

-- The last position that was given, ever.
create table spool_end (
    position bigint not null
);
insert into spool_end (position) values (0);

-- The last batch of each sandbox: it waits if its lane has not passed it.
create table spool_sandbox (
    database_id bigint      not null,
    sandbox     varchar(36) not null,
    last        bigint      not null,
    primary key (database_id, sandbox)
);

-- How far a lane is. No row: nothing passed yet.
create table lane (
    database_id bigint  not null primary key,
    passed      bigint  not null, -- every batch up to this position has its outcome
    settled     integer not null, -- and so have so many events of the one after it
    head_events bigint  not null, -- of the batches up to that position, those in a piece that is not passed whole
    head_bytes  bigint  not null
);

-- Batches that failed their checksum, or could not be read: kept to be looked at, no longer waiting. A piece whose directory is
-- damaged is here whole, under its first position, with no sandbox.
create table quarantine (
    position       bigint       not null primary key,
    database_id    bigint       not null,
    events         integer      not null,
    bytes          bigint       not null,
    admitted_at    bigint       not null,
    sandbox        varchar(36)  not null,
    key            varchar(64)  not null,
    batch          ${bytes},              -- head and body as they lay in the piece; null: they could not be read
    reason         varchar(256) not null,
    quarantined_at bigint       not null
);

-- What became of events. The accounts are those of the ledger; reason is empty where an account has none.
create table ledger (
    database_id bigint      not null,
    account     varchar(16) not null,
    reason      varchar(32) not null,
    events      bigint      not null,
    bytes       bigint      not null,
    primary key (database_id, account, reason)
);

-- The same by hour, for the accounts that usage shows.
create table usage_hour (
    database_id bigint      not null,
    hour        bigint      not null, -- its first millisecond
    account     varchar(16) not null,
    events      bigint      not null,
    bytes       bigint      not null,
    primary key (database_id, hour, account)
);

-- What was seen of the sequence numbers of one sandbox on one boot of one host. A gap is highest - lowest + 1 - received.
create table stream_sequence (
    database_id bigint       not null,
    sandbox     varchar(36)  not null,
    host_id     varchar(128) not null,
    boot_id     varchar(128) not null,
    lowest      bigint       not null,
    highest     bigint       not null,
    received    bigint       not null,
    primary key (database_id, sandbox, host_id, boot_id)
);

-- Hosts, as their last batch told of them.
create table host (
    id             varchar(128) not null primary key,
    name           varchar(128),
    boot_id        varchar(128),
    kernel         varchar(128),
    loader_version varchar(128),
    last_batch_at  bigint not null
);

-- Events that a host lost since a boot: the highest that it ever told. No row: none.
create table host_lost (
    host_id varchar(128) not null,
    boot_id varchar(128) not null,
    reason  varchar(16)  not null, -- ringFull, probeFault, recursion, throttled, spoolEvicted
    events  bigint       not null,
    primary key (host_id, boot_id, reason)
);

-- What the spool really holds for each database that has something waiting: what the ledger is checked against.
create view waiting as
    select s.database_id,
        sum(s.events) - coalesce(max(l.head_events), 0) - coalesce(max(l.settled), 0) as events,
        sum(s.bytes) - coalesce(max(l.head_bytes), 0) as bytes
    from spool s left join lane l on l.database_id = s.database_id
    where s.last > coalesce(l.passed, 0)
    group by s.database_id;
