-- What it takes to give a dead letter back.

-- Decompressed bytes that the ledger counts for it. Letters from before this are counted without.
alter table dead_letter add column bytes bigint not null default 0;

-- The limits of payloads that its batch was admitted under; null: a single record, which was shaped already.
alter table dead_letter add column payload_bytes integer;
alter table dead_letter add column payload_depth integer;

-- When somebody asked for it to be delivered again; null: nobody did, or it was refused again.
alter table dead_letter add column replay_at bigint;

create index dead_letter_to_replay on dead_letter (database_id, id) where replay_at is not null;
