-- What it takes to forget hosts, boots and streams that were not heard of for long. A day is a UTC day since the epoch; as it is
-- the same all day, its index costs next to nothing. Rows from before this count as heard of on 2026-11-23.

alter table stream_sequence add column seen_day bigint not null default 20780;
alter table host_lost add column seen_day bigint not null default 20780;

create index stream_sequence_by_age on stream_sequence (seen_day);
create index stream_sequence_by_boot on stream_sequence (host_id, boot_id);
create index host_lost_by_age on host_lost (seen_day);

-- What boots lost that are forgotten.
create table host_lost_past (
    database_id bigint      not null, -- that they posted for; 0: all boots, whatever they posted for
    reason      varchar(16) not null,
    events      bigint      not null,
    primary key (database_id, reason)
);
