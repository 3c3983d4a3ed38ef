-- What operators add to the dictionary: words with their parts, and groups of synonyms. The index follows both tables.
-- Names are compared by their bytes: what differs to the analysis differs here.

create table dictionary_words (
    id         bigint unsigned not null auto_increment comment 'our number; the document id in the search index',
    word       varchar(20)     not null comment 'letters and digits, normalised (NFKC, lower case), such as 마운자로',
    parts      varchar(40)     null comment 'what it is cut into, separated by spaces, such as 마운 자로; null keeps it whole',
    note       varchar(200)    null comment 'why it is here, for other operators',
    created_at timestamp(3)    not null default current_timestamp(3) comment 'when the row was first written',
    updated_at timestamp(3)    not null default current_timestamp(3) on update current_timestamp(3)
        comment 'when the row was last changed',
    primary key (id),
    unique key dictionary_words_word_unique (word),
    constraint dictionary_words_word_long check (char_length(word) >= 2),
    constraint dictionary_words_parts_whole check (replace(parts, ' ', '') = word)
) default charset = utf8mb4 collate = utf8mb4_bin comment = 'words of operators beside those built into the program';

create table synonym_groups (
    id         bigint unsigned not null auto_increment comment 'our number; the document id in the search index',
    words      varchar(500)    not null comment 'two ways `맹장염, 충수염`, or one way `타이레놀 => 아세트아미노펜, 해열제`',
    class      enum (
        'department', 'institution', 'test', 'procedure', 'condition', 'symptom', 'body', 'medicine', 'spelling', 'service'
        ) null comment 'what the words are of',
    note       varchar(200)    null comment 'why it is here, for other operators',
    created_at timestamp(3)    not null default current_timestamp(3) comment 'when the row was first written',
    updated_at timestamp(3)    not null default current_timestamp(3) on update current_timestamp(3)
        comment 'when the row was last changed',
    primary key (id),
    constraint synonym_groups_words_two check (words like '%_, _%' or words like '%_ => _%')
) default charset = utf8mb4 collate = utf8mb4_bin comment = 'synonyms of operators beside those built into the program';

create table synonym_keys (
    word     varchar(40)     not null comment 'a word that a search is widened by: any of a two-way group, the left one of a one-way group',
    group_id bigint unsigned not null comment 'the one group that widens it',
    primary key (word),
    key synonym_keys_group (group_id),
    constraint synonym_keys_group_exists foreign key (group_id) references synonym_groups (id)
) default charset = utf8mb4 collate = utf8mb4_bin comment = 'each word is widened by one group of operators only';

create table index_requests (
    id           bigint unsigned not null auto_increment comment 'counts the requests; never reused',
    requested_at timestamp(3)    not null default current_timestamp(3) comment 'when an operator asked',
    primary key (id)
) default charset = utf8mb4 comment = 'the newest request to build the index anew, for example with new words';
