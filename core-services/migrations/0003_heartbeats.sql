-- A row for each process that writes heartbeats, once a second: the change stream measures its lag by them.

create table heartbeats (
    name varchar(64) not null primary key,
    -- When it was written, microseconds since the epoch by the writer's clock.
    at_microseconds bigint unsigned not null
);
