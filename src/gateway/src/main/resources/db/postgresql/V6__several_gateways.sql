-- What it takes for several gateways to share a store.

-- Positions of batches, by blocks: a group takes one, under the locks of its databases.
create sequence spool_position increment by 4096 start with 1;
drop table spool_end;

-- Bodies come compressed, and are read in parts.
alter table spool alter column body set storage external;
alter table dead_letter alter column body set storage external;
alter table dead_letter alter column delivery set storage external;

-- There is no journal: what is committed is in these tables.
drop table journal;

-- What was announced, in the order of the commits; see News. Whoever announces locks the last number.
create table news (
    number       bigint      not null primary key,
    kind         varchar(16) not null,
    key          bigint      not null,
    announced_at bigint      not null
);
create index news_by_age on news (announced_at);
create table news_end (
    number bigint not null
);
insert into news_end (number) values (0);

-- Gateways that run: each says every half second that it does.
create table gateway (
    id      bigint generated always as identity primary key,
    seen_at bigint not null
);

-- Which of them delivers for which database, and how that goes; see Leases. No row: nobody.
create table lane_lease (
    database_id     bigint      not null primary key,
    gateway_id      bigint      not null,
    state           varchar(16) not null,
    since           bigint,
    attempts        integer     not null,
    answered        integer,
    why             text,
    next_attempt_at bigint
);
create index lane_lease_by_gateway on lane_lease (gateway_id);
