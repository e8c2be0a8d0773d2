-- The spool as a ring of partitions, so that what was passed is given back whole; see SpoolRing. What is there already becomes the
-- first of them as it is. Gateways of the version before know of no slots: what they append goes there too.

set local statement_timeout = 0; -- A large spool is looked through once. Meanwhile nothing is taken, and nobody is told it was.

drop view waiting;

alter table spool add column slot smallint not null default 0; -- the partition that a piece is in
alter table spool rename to spool_0;
alter index spool_pkey rename to spool_0_pkey;
alter index spool_by_lane rename to spool_0_by_lane;
drop index spool_by_segment;

create table spool (like spool_0 including defaults including storage) partition by list (slot);
alter table spool attach partition spool_0 for values in (0);
create table spool_1 partition of spool for values in (1);
create table spool_2 partition of spool for values in (2);
create table spool_3 partition of spool for values in (3);
create table spool_4 partition of spool for values in (4);
create table spool_5 partition of spool for values in (5);
create table spool_6 partition of spool for values in (6);
create table spool_7 partition of spool for values in (7);

-- Each for itself, so that the one that is there need not be built again: a position is never given twice.
alter table spool_1 add primary key (position);
alter table spool_2 add primary key (position);
alter table spool_3 add primary key (position);
alter table spool_4 add primary key (position);
alter table spool_5 add primary key (position);
alter table spool_6 add primary key (position);
alter table spool_7 add primary key (position);

create index spool_by_lane on spool (database_id, last, events, bytes); -- takes that of the first as it is
create index spool_by_segment on spool (segment, place) where segment is not null;

-- What is truncated needs no vacuum. And statistics would be of what a slot once had: planned by those of an empty one, lanes would go
-- on reading all of it when it is full.
alter table spool_0 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_1 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_2 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_3 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_4 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_5 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_6 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table spool_7 set (autovacuum_enabled = false, toast.autovacuum_enabled = false);

-- The slot that is appended to, and since when.
create table spool_ring (
    slot  smallint not null,
    since bigint   not null
);
insert into spool_ring (slot, since) values (1, 0);

-- As in V2.
create view waiting as
    select s.database_id,
        sum(s.events) - coalesce(max(l.head_events), 0) - coalesce(max(l.settled), 0) as events,
        sum(s.bytes) - coalesce(max(l.head_bytes), 0) as bytes
    from spool s left join lane l on l.database_id = s.database_id
    where s.last > coalesce(l.passed, 0)
    group by s.database_id;
