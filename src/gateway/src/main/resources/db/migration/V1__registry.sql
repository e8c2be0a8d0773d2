-- Who is registered, who may call, and who changed what. All instants are epoch milliseconds.
-- ${identity}: a primary key that the engine counts up and never gives twice. What refers to a row that was removed can so
-- never mean its successor of the same name. ${number}: a primary key that is a number given by us. ${bytes}: a byte string.

create table registered_database (
    id                ${identity},
    name              varchar(63)   not null unique,
    owner             varchar(256)  not null,
    description       varchar(2048) not null,
    state             varchar(16)   not null, -- active, suspended
    bytes_per_day     bigint        not null,
    events_per_second bigint        not null,
    burst             bigint        not null,
    quota_mode        varchar(16)   not null, -- enforce, shadow
    retention_millis  bigint,                 -- null: for ever
    revision          bigint        not null, -- counts changes; the ETag
    created_at        bigint        not null,
    changed_at        bigint        not null
);

create table sandbox (
    id          ${identity},
    sandbox_id  varchar(36) not null unique,  -- lower case
    database_id bigint      not null references registered_database (id),
    state       varchar(16) not null,         -- active, suspended
    created_at  bigint      not null,
    changed_at  bigint      not null
);

create index sandbox_by_database on sandbox (database_id, sandbox_id);

create table token (
    id           ${identity},
    hash         ${bytes}     not null unique, -- SHA-256 of the secret, which is kept nowhere
    role         varchar(16)  not null,        -- admin, owner, reader, host
    name         varchar(256) not null,
    database_id  bigint references registered_database (id), -- an owner's or reader's
    everything   integer      not null,        -- 1: a host's token for all databases
    expires_at   bigint,                       -- null: never
    created_at   bigint       not null,
    last_used_at bigint
);

-- What a host's token may post for, unless it is everything: databases, or sandboxes.
create table token_database (
    token_id    bigint not null references token (id),
    database_id bigint not null references registered_database (id),
    primary key (token_id, database_id)
);

create table token_sandbox (
    token_id   bigint not null references token (id),
    sandbox_id bigint not null references sandbox (id),
    primary key (token_id, sandbox_id)
);

create table audit (
    id     ${identity},
    at     bigint       not null,
    actor  varchar(256) not null, -- the name of the token that called
    action varchar(64)  not null,
    target varchar(256) not null,
    detail varchar(4096) not null
);
