-- What gateways tell one another for live tails; see tail.Relay. Worth nothing after a crash, so it is not logged.

-- Who looks at which database, as is said again and again.
create unlogged table tail_interest (
    watcher     varchar(36) not null, -- a gateway, by an ID of its tail's own
    database_id bigint      not null,
    seen_at     bigint      not null,
    primary key (watcher, database_id)
);

-- Numbers go on after a crash, which those of an identity in an unlogged table do not.
create sequence tail_number;

-- Events of such a database, as their gateway tells of them; gone after seconds.
create unlogged table tail_part (
    number      bigint      not null default nextval('tail_number') primary key,
    teller      varchar(36) not null, -- a gateway
    stream      varchar(36) not null, -- what it tells of one database, from when somebody began to look
    database_id bigint      not null,
    before      bigint      not null, -- events of the stream that were before these, told or not
    events      integer     not null,
    frames      bytea       not null, -- see tail.Part
    told_at     bigint      not null
);
create index tail_part_by_age on tail_part (told_at);
