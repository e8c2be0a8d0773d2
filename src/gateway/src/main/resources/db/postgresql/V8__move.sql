-- A store that comes here from SQLite; see move.Move. No row: none ever did.
create table moved_store (
    one         integer       not null default 1 primary key check (one = 1), -- there is but one
    move        varchar(36)   not null, -- as in the mark of the folder that it comes from
    source      varchar(4096) not null, -- that folder, for people
    began_at    bigint        not null,
    finished_at bigint                  -- null: it is not whole, and no gateway starts on it
);

-- How far its tables are: written together with their rows.
create table moved_table (
    name  varchar(63) not null primary key,
    after bigint      not null, -- the last row of the source that is here, by SQLite's rowid
    moved bigint      not null, -- rows
    bytes bigint      not null  -- of their byte strings
);
