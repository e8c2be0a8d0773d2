-- What gateways of the previous release, whose schema ends with V6, ask of a server: each of their statements, a line each. They go on
-- running while the first gateway of this release brings the schema up to date; see PreviousReleaseTest. Arrays bear here the types that the
-- driver gives them.
select id, hash, role, name, database_id, everything, created_at, expires_at, last_used_at from token
select token_id, database_id from token_database
select token_id, sandbox_id from token_sandbox
select id, hash, role, name, database_id, everything, created_at, expires_at, last_used_at from token where id = ?
select token_id, database_id from token_database where token_id = ?
select token_id, sandbox_id from token_sandbox where token_id = ?
insert into token (hash, role, name, database_id, everything, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?) returning id
insert into token_database (token_id, database_id) values (?, ?)
insert into token_sandbox (token_id, sandbox_id) values (?, ?)
delete from token_database where token_id = ?
delete from token_sandbox where token_id = ?
delete from token where id = ?
delete from token where database_id = ?
delete from token_database where database_id = ?
delete from token_sandbox where sandbox_id in (select id from sandbox where database_id = ?)
delete from token_sandbox where sandbox_id = ?
update token set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)
delete from token where role = 'host' and everything = 0 and not exists (select 1 from token_database where token_id = token.id) and not exists (select 1 from token_sandbox where token_id = token.id)
select body_hash, accepted, rejected, admitted_at from admitted_key where database_id = ? and sandbox = ? and key = ?
insert into admitted_key (id, database_id, sandbox, key, body_hash, accepted, rejected, admitted_at) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (database_id, sandbox, key) do update set id = excluded.id, body_hash = excluded.body_hash, accepted = excluded.accepted, rejected = excluded.rejected, admitted_at = excluded.admitted_at
select k.database_id, k.sandbox, k.key, k.body_hash, k.accepted, k.rejected, k.admitted_at from unnest(?::bigint[], ?::text[], ?::text[]) as wanted (database_id, sandbox, key) join admitted_key k using (database_id, sandbox, key)
select id, database_id, sandbox, key from admitted_key where id > ? order by id limit ?
delete from admitted_key where id in (select id from admitted_key order by id limit ?) and admitted_at <= ?
select host_id, boot_id, reason, events from host_lost l where seen_day < ? and not exists ( select 1 from host h where h.id = l.host_id and h.boot_id = l.boot_id and h.last_batch_at >= ?) limit ?
select distinct database_id from stream_sequence where host_id = ? and boot_id = ?
insert into host_lost_past (database_id, reason, events) values (?, ?, ?) on conflict (database_id, reason) do update set events = host_lost_past.events + excluded.events
delete from host_lost where host_id = ? and boot_id = ? and reason = ?
delete from stream_sequence where (database_id, sandbox, host_id, boot_id) in ( select database_id, sandbox, host_id, boot_id from stream_sequence s where seen_day < ? and not exists ( select 1 from host_lost l where l.host_id = s.host_id and l.boot_id = s.boot_id) limit ?)
delete from host where id in (select id from host h where last_batch_at < ? and not exists ( select 1 from host_lost l where l.host_id = h.id) limit ?)
delete from stream_sequence where database_id = ?
delete from host_lost_past where database_id = ?
insert into host (id, name, boot_id, kernel, loader_version, last_batch_at) values (?, ?, ?, ?, ?, ?) on conflict (id) do update set name = coalesce(excluded.name, host.name), boot_id = coalesce(excluded.boot_id, host.boot_id), kernel = coalesce(excluded.kernel, host.kernel), loader_version = coalesce(excluded.loader_version, host.loader_version), last_batch_at = excluded.last_batch_at
select reason, events from host_lost where host_id = ? and boot_id = ?
select l.host_id, l.boot_id, l.reason, l.events from unnest(?::text[], ?::text[]) as wanted (host_id, boot_id) join host_lost l using (host_id, boot_id)
insert into host_lost (host_id, boot_id, reason, events, seen_day) values (?, ?, ?, ?, ?) on conflict (host_id, boot_id, reason) do update set seen_day = excluded.seen_day, events = case when excluded.events > host_lost.events then excluded.events else host_lost.events end
select sandbox_id, database_id from sandbox where sandbox_id = any (?)
select lowest, highest, received from stream_sequence where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?
select s.database_id, s.sandbox, s.host_id, s.boot_id, s.lowest, s.highest, s.received from unnest(?::bigint[], ?::text[], ?::text[], ?::text[]) as wanted (database_id, sandbox, host_id, boot_id) join stream_sequence s using (database_id, sandbox, host_id, boot_id)
insert into stream_sequence (database_id, sandbox, host_id, boot_id, lowest, highest, received, seen_day) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (database_id, sandbox, host_id, boot_id) do update set lowest = excluded.lowest, highest = excluded.highest, received = excluded.received, seen_day = excluded.seen_day
insert into audit (at, actor, action, target, detail) values (?, ?, ?, ?, ?)
select id, at, actor, action, target, detail from audit where id < ? order by id desc limit ?
select coalesce(sum(events), 0) from dead_letter
select distinct database_id from dead_letter where replay_at is not null
insert into dead_letter (database_id, sandbox, idempotency_key, events, bytes, reason, status, answer, kind, name, seq, delivery, body, encoding, payload_bytes, payload_depth, admitted_at, died_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
select id, idempotency_key, reason, events, bytes, delivery from dead_letter where database_id = ? and replay_at is not null order by id limit 1
delete from dead_letter where database_id = ? and id = ?
update dead_letter set replay_at = null, status = ?, answer = ? where database_id = ? and id = ?
select id from dead_letter where database_id = ? and id = ?
update dead_letter set replay_at = null, status = ?, answer = ?, events = events - ?, bytes = bytes - ? where database_id = ? and id = ?
select reason, sum(events), sum(bytes) from dead_letter where database_id = ? group by reason
delete from dead_letter where database_id = ?
select id, sandbox, events, reason, status, answer, kind, name, seq, idempotency_key, admitted_at, died_at, replay_at from dead_letter where database_id = ? and id > ? order by id limit ?
select id, sandbox, events, reason, status, answer, kind, name, seq, idempotency_key, admitted_at, died_at, replay_at, delivery from dead_letter where database_id = ? and id = ?
select sandbox, idempotency_key, events, bytes, body, encoding, payload_bytes, payload_depth, admitted_at from dead_letter where database_id = ? and id = ?
select reason, events, bytes from dead_letter where database_id = ? and id = ?
select id from dead_letter where database_id = ? and reason = 'unreadable' and id > ? and id <= ? order by id limit 1
select coalesce(max(id), 0) from dead_letter where database_id = ?
update dead_letter set replay_at = ? where database_id = ? and id = ? and delivery is not null
update dead_letter set replay_at = ? where database_id = ? and delivery is not null and replay_at is null
select coalesce(sum(events), 0) from dead_letter where database_id = ? and delivery is not null and replay_at is null
delete from dead_letter where id = ?
select count(*), coalesce(sum(case when state = 'suspended' then 1 else 0 end), 0) from sandbox where database_id = ?
select admitted_at from spool where database_id = ? and last > coalesce((select passed from lane where database_id = ?), 0) order by last limit 1
select coalesce(sum(events), 0) from dead_letter where database_id = ?
select reason, events from ledger where database_id = ? and account = 'rejected' order by reason
select s.host_id, h.name, h.last_batch_at, s.missing, coalesce((select sum(l.events) from host_lost l where l.host_id = s.host_id), 0) as lost from (select host_id, sum(highest - lowest + 1 - received) as missing from stream_sequence where database_id = ? group by host_id) s join host h on h.id = s.host_id order by case when s.missing > 0 or exists (select 1 from host_lost l where l.host_id = s.host_id and l.events > 0) then 0 else 1 end, h.last_batch_at desc limit ?
select event from lane_cut where database_id = ? and position = ?
insert into lane_cut (database_id, position, event) values (?, ?, ?) on conflict do nothing
delete from lane_cut where database_id = ? and position <= ?
insert into gateway (seen_at) values (?) returning id
update gateway set seen_at = ? where id = ?
delete from gateway where seen_at < ? and id <> ? returning id
select id from gateway order by id
delete from lane_lease l where not exists (select 1 from gateway g where g.id = l.gateway_id)
delete from gateway where id = ?
select database_id from lane_lease where gateway_id = ?
insert into lane_lease (database_id, gateway_id, state, attempts) select id, ?, 'open', 0 from unnest(?::bigint[]) as wanted (id) order by id on conflict (database_id) do nothing returning database_id
delete from lane_lease where gateway_id = ? and database_id = any (?)
select 1 from lane_lease where database_id = ? and gateway_id = ? for share
select l.database_id from lane_lease l where l.gateway_id = ? and exists ( select 1 from spool s where s.database_id = l.database_id and s.last > coalesce((select passed from lane where database_id = l.database_id), 0))
update lane_lease set state = ?, since = ?, attempts = ?, answered = ?, why = ?, next_attempt_at = ? where database_id = ? and gateway_id = ?
select state, since, attempts, answered, why, next_attempt_at from lane_lease where database_id = ?
select session_id, session_name, session_start, application_name, application_version, changed_at from stream_session where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?
insert into stream_session (database_id, sandbox, host_id, boot_id, session_id, session_name, session_start, application_name, application_version, changed_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (database_id, sandbox, host_id, boot_id) do update set session_id = excluded.session_id, session_name = excluded.session_name, session_start = excluded.session_start, application_name = excluded.application_name, application_version = excluded.application_version, changed_at = excluded.changed_at
delete from stream_session where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?
delete from stream_session where database_id = ?
delete from lane_cut where database_id = ?
delete from stream_session where changed_at < ?
select id, name, boot_id, kernel, loader_version, last_batch_at, coalesce(sum(case when reason = 'ringFull' then events end), 0) as ring_full, coalesce(sum(case when reason = 'probeFault' then events end), 0) as probe_fault, coalesce(sum(case when reason = 'recursion' then events end), 0) as recursion, coalesce(sum(case when reason = 'throttled' then events end), 0) as throttled, coalesce(sum(case when reason = 'spoolEvicted' then events end), 0) as spool_evicted from (select id, name, host.boot_id, kernel, loader_version, last_batch_at, reason, events from host left join host_lost on host_lost.host_id = host.id where id in (select id from host where id > ? order by id limit ?)) seen group by id, name, boot_id, kernel, loader_version, last_batch_at order by id
select count(*) from host where last_batch_at > ? and last_batch_at <= ?
insert into ledger (database_id, account, reason, events, bytes) values (?, ?, ?, ?, ?) on conflict (database_id, account, reason) do update set events = ledger.events + excluded.events, bytes = ledger.bytes + excluded.bytes
insert into usage_hour (database_id, hour, account, events, bytes) values (?, ?, ?, ?, ?) on conflict (database_id, hour, account) do update set events = usage_hour.events + excluded.events, bytes = usage_hour.bytes + excluded.bytes
select account, reason, events from ledger where database_id = ? order by account, reason
select coalesce(sum(events), 0) from waiting where database_id = ?
select distinct database_id from ledger union select database_id from waiting
select reason, sum(events) from ( select reason, events from host_lost union all select reason, events from host_lost_past where database_id = 0) lost group by reason order by reason
select reason, sum(events) from ( select reason, events from host_lost l where exists ( select 1 from stream_sequence s where s.database_id = ? and s.host_id = l.host_id and s.boot_id = l.boot_id) union all select reason, events from host_lost_past where database_id = ?) lost group by reason order by reason
select name from registered_database where id = ?
select hour, account, events, bytes from usage_hour where database_id = ? and hour >= ? and hour < ? order by hour
select day, day_used, debt, debt_at from quota where database_id = ?
select day, day_used, debt, debt_at, database_id from quota where database_id = any (?)
insert into quota (database_id, day, day_used, debt, debt_at) values (?, ?, ?, ?, ?) on conflict (database_id) do update set day = excluded.day, day_used = excluded.day_used, debt = excluded.debt, debt_at = excluded.debt_at
delete from quota where database_id = ?
select id, name, owner, description, state, bytes_per_day, events_per_second, burst, quota_mode, retention_millis, revision, created_at, changed_at from registered_database
select id, name, owner, description, state, bytes_per_day, events_per_second, burst, quota_mode, retention_millis, revision, created_at, changed_at from registered_database where name > ? order by name limit ?
select id, name, owner, description, state, bytes_per_day, events_per_second, burst, quota_mode, retention_millis, revision, created_at, changed_at from registered_database where id = ?
insert into registered_database (name, owner, description, state, bytes_per_day, events_per_second, burst, quota_mode, revision, created_at, changed_at) values (?, ?, ?, 'active', ?, ?, ?, ?, 1, ?, ?) on conflict (name) do nothing returning id
update registered_database set owner = ?, description = ?, state = ?, bytes_per_day = ?, events_per_second = ?, burst = ?, quota_mode = ?, retention_millis = ?, revision = ?, changed_at = ? where id = ?
delete from registered_database where id = ?
select id, sandbox_id, database_id, state, created_at, changed_at from sandbox
select id, sandbox_id, database_id, state, created_at, changed_at from sandbox where database_id = ? and sandbox_id > ? order by sandbox_id limit ?
select id, sandbox_id, database_id, state, created_at, changed_at from sandbox where database_id = ?
select id, sandbox_id, database_id, state, created_at, changed_at from sandbox where sandbox_id = ?
select id, sandbox_id, database_id, state, created_at, changed_at from sandbox where id = ?
select 1 from sandbox where id = ?
insert into sandbox (sandbox_id, database_id, state, created_at, changed_at) values (?, ?, 'active', ?, ?) returning id
update sandbox set state = ?, changed_at = ? where id = ?
delete from sandbox where id = ?
delete from sandbox where database_id = ?
select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool
select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool where database_id = ? and last > ? order by last limit ?
select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool where database_id = ? and last >= ? order by last limit 1
select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool where segment = ? order by position limit ?
select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool where position > ? order by position limit ?
select substr(body, ?, ?) from spool where position = ?
select position from quarantine where database_id = ? and position >= ? and position <= ?
select nextval('spool_position')
insert into quarantine (position, database_id, events, bytes, admitted_at, sandbox, key, batch, reason, quarantined_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (position) do nothing
update spool set events = events - ?, bytes = bytes - ? where position = ?
delete from spool where position = ?
select 1 from spool where database_id = ? and last > ? and position < ? limit 1
select settled, head_events, head_bytes from lane where database_id = ?
update lane set settled = 0 where database_id = ?
update lane set head_events = 0, head_bytes = 0 where database_id = ?
insert into spool (position, last, database_id, events, bytes, admitted_at, length, segment, place) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
insert into spool (position, last, database_id, events, bytes, admitted_at, length, body) values (?, ?, ?, ?, ?, ?, ?, ?)
insert into spool_sandbox (database_id, sandbox, last) values (?, ?, ?) on conflict (database_id, sandbox) do update set last = excluded.last
select passed, settled from lane where database_id = ?
insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, ?, ?, ?, ?) on conflict (database_id) do update set passed = excluded.passed, settled = excluded.settled, head_events = excluded.head_events, head_bytes = excluded.head_bytes
select coalesce(sum(s.events), 0) - l.head_events - l.settled, coalesce(sum(s.bytes), 0) - l.head_bytes from (select coalesce(max(passed), 0) as passed, coalesce(max(settled), 0) as settled, coalesce(max(head_events), 0) as head_events, coalesce(max(head_bytes), 0) as head_bytes from lane where database_id = ?) l left join spool s on s.database_id = ? and s.last > l.passed and s.last <= ? group by l.passed, l.settled, l.head_events, l.head_bytes
insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, 0, ?, 0, 0) on conflict (database_id) do update set settled = excluded.settled
insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, 0, 0, 0, 0) on conflict (database_id) do update set settled = lane.settled
select events, bytes from waiting where database_id = ?
select coalesce(max(last), 0) from spool where database_id = ?
select 1 from spool_sandbox where database_id = ? and sandbox = ? and last > ?
delete from spool where position in ( select position from spool where database_id = ? and last <= ? order by last limit ?)
delete from lane where database_id = ? and not exists (select 1 from registered_database r where r.id = lane.database_id) and not exists (select 1 from spool s where s.database_id = lane.database_id)
delete from spool_sandbox where database_id = ?
delete from quarantine where database_id = ?
select database_id from lane
select count(*), coalesce(sum(events), 0) from quarantine
select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from waiting
select min(first) from ( select (select s.admitted_at from spool s where s.database_id = d.id and s.last > coalesce((select passed from lane where database_id = d.id), 0) order by s.last limit 1) as first from registered_database d) firsts
select 1 from spool where segment = ? limit 1
select coalesce(sum(length), 0) from spool where segment = ?
update spool set body = ?, segment = null, place = null where position = ? and segment = ?
update news_end set number = number + 1 returning number
insert into news (number, kind, key, announced_at) values (?, ?, ?, ?)
delete from news where announced_at < ?
select pg_notify('telemetry', 'news')
select number from news_end
select number, kind, key from news where number > ? order by number
select (extract(epoch from clock_timestamp()) * 1000)::bigint
select id from registered_database where id = any (?) order by id for no key update
select 1
