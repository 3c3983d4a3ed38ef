-- What people search for, as counts of a day: who asked is known nowhere, and what few ask is never written.

create table search_queries (
    day           date         not null comment 'by the Korean calendar',
    noun          enum ('institution', 'article') not null comment 'what was searched for',
    query         varchar(40)  not null comment 'normalised (NFKC, lower case, single spaces)',
    searches      int unsigned not null comment 'how often on that day',
    found_nothing int unsigned not null comment 'how many of these found nothing that is all of it',
    primary key (day, noun, query),
    constraint search_queries_found_some check (found_nothing <= searches)
) default charset = utf8mb4 collate = utf8mb4_bin comment = 'anonymous counts of searches, kept for 90 days; not followed by the index';

create table popular_queries (
    id       bigint unsigned not null auto_increment comment 'our number; the document id in the search index',
    query    varchar(40)     not null comment 'as in search_queries',
    searches int unsigned    not null comment 'how often in the last seven days',
    primary key (id),
    unique key popular_queries_query_unique (query)
) default charset = utf8mb4 collate = utf8mb4_bin comment = 'what is suggested as popular; made of search_queries once an hour, and followed by the index';
