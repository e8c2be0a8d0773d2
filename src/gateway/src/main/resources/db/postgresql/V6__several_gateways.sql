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
