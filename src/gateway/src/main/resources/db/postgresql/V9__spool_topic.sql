-- Topics that bodies lie in, with telemetry.spool=kafka; see KafkaTopic. Of one whose row was deleted all is gone that lay in it.
create table spool_topic (
    number     integer generated always as identity primary key,
    cluster_id varchar(64)  not null,
    topic_id   varchar(64)  not null,
    name       varchar(249) not null,
    looked_at  bigint       not null, -- when a gateway last began to delete what is delivered
    unique (cluster_id, topic_id)
);
