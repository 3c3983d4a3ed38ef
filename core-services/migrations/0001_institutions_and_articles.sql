-- The first tables of the domain: who treats patients, where and when, and what we write for them.
-- They run on MySQL 8+ and MariaDB 10.6+. Foreign keys never cascade: a cascade leaves no row events in the binlog,
-- so whatever follows the binlog would not hear of it.

create table departments (
    id          smallint unsigned not null comment 'our number of the department (진료과목); never reused',
    name        varchar(40)       not null comment 'the current official name, such as 비뇨의학과',
    former_name varchar(40)       null     comment 'the name before it was changed, which registries and patients still use, such as 비뇨기과',
    egen_code   char(4)           null     comment 'E-Gen (응급의료포털) code, D001 …; null when E-Gen does not list the department',
    hira_code   char(2)           null     comment 'HIRA (건강보험심사평가원) 진료과목코드, 01 …',
    primary key (id),
    unique key departments_name_unique (name),
    unique key departments_egen_code_unique (egen_code),
    unique key departments_hira_code_unique (hira_code)
) default charset = utf8mb4 comment = 'departments of medicine (진료과목)';

create table institutions (
    id                 bigint unsigned not null auto_increment comment 'our number; the document id in the search index',
    registry           enum ('egen', 'hira', 'sample') not null comment 'who gave the official code: E-Gen, HIRA, or our own synthetic sample',
    official_code      varchar(200)    not null comment 'the code in that registry: E-Gen HPID, HIRA 암호화요양기호',
    name               varchar(200)    not null comment 'the name as registered (요양기관명)',
    kind               enum (
        'tertiary_hospital', 'general_hospital', 'hospital', 'long_term_care_hospital', 'mental_hospital', 'clinic',
        'dental_hospital', 'dental_clinic', 'korean_medicine_hospital', 'korean_medicine_clinic', 'midwifery_clinic',
        'public_health_centre', 'public_health_subcentre', 'public_health_post', 'pharmacy', 'emergency_centre', 'other'
        ) not null comment 'kind of institution (종별): 상급종합병원 … 약국, 응급의료센터, 기타',
    sido               varchar(20)     null comment 'province or metropolitan city (시도), full official name',
    sigungu            varchar(40)     null comment 'city, county or district (시군구)',
    eupmyeondong       varchar(40)     null comment 'town, township or neighbourhood (읍면동)',
    address            varchar(300)    null comment 'the whole street address as registered (도로명주소)',
    postal_code        char(5)         null comment 'five-digit postal code (우편번호)',
    phone              varchar(30)     null comment 'main telephone number, with hyphens',
    homepage           varchar(500)    null comment 'homepage, http or https',
    latitude           double          null comment 'WGS84 degrees north',
    longitude          double          null comment 'WGS84 degrees east',
    doctor_count       int unsigned    null comment 'all doctors (총의사수)',
    specialist_count   int unsigned    null comment 'board-certified specialists (전문의)',
    has_emergency_room boolean         not null default false comment 'runs an emergency room (응급실)',
    opened_on          date            null comment 'date of opening (개설일자)',
    description        text            null comment 'a short introduction in Korean',
    source_updated_at  datetime        null comment 'when the registry last touched its row, Korean wall clock (작업일시)',
    created_at         timestamp(3)    not null default current_timestamp(3) comment 'when the row was first written',
    updated_at         timestamp(3)    not null default current_timestamp(3) on update current_timestamp(3)
        comment 'when the row was last changed',
    primary key (id),
    unique key institutions_official_code_unique (registry, official_code),
    constraint institutions_name_not_blank check (char_length(trim(name)) > 0),
    constraint institutions_point_whole check ((latitude is null) = (longitude is null)),
    constraint institutions_point_in_korea check (latitude between 32.0 and 39.5 and longitude between 124.0 and 132.5),
    constraint institutions_postal_code_digits check (postal_code regexp '^[0-9]{5}$'),
    constraint institutions_homepage_http check (homepage regexp '^https?://')
) default charset = utf8mb4 comment = 'hospitals, clinics, pharmacies and other medical institutions (요양기관)';

create table institution_departments (
    institution_id   bigint unsigned   not null comment 'the institution',
    department_id    smallint unsigned not null comment 'a department it runs',
    specialist_count smallint unsigned null comment 'its specialists in that department; null when the registry does not say',
    primary key (institution_id, department_id),
    key institution_departments_department (department_id),
    constraint institution_departments_institution_exists foreign key (institution_id) references institutions (id),
    constraint institution_departments_department_exists foreign key (department_id) references departments (id)
) default charset = utf8mb4 comment = 'which institution runs which department';

create table opening_hours (
    institution_id bigint unsigned   not null comment 'the institution',
    day            tinyint unsigned  not null comment '1 Monday … 7 Sunday, 8 public holiday (E-Gen numbering)',
    opens_minute   smallint unsigned not null comment 'minutes after 00:00 of that day, Korean wall clock',
    closes_minute  smallint unsigned not null comment 'minutes after 00:00 of the same day, past 1440 when it closes after midnight: 26:00 is 1560',
    primary key (institution_id, day, opens_minute),
    constraint opening_hours_institution_exists foreign key (institution_id) references institutions (id),
    constraint opening_hours_day_known check (day between 1 and 8),
    constraint opening_hours_opens_that_day check (opens_minute < 1440),
    constraint opening_hours_span_forward check (closes_minute > opens_minute and closes_minute <= opens_minute + 1440)
) default charset = utf8mb4 comment = 'opening hours (진료시간): any number of spans a day, so a lunch break is the gap between two';

create table public_holidays (
    day           date        not null comment 'the date',
    name          varchar(60) not null comment 'name in Korean, such as 설날',
    is_substitute boolean     not null default false comment 'a substitute holiday (대체공휴일)',
    primary key (day),
    constraint public_holidays_name_not_blank check (char_length(trim(name)) > 0)
) default charset = utf8mb4 comment = 'public holidays of Korea (공휴일): on these days the holiday hours hold';

create table articles (
    id           bigint unsigned not null auto_increment comment 'our number',
    slug         varchar(80)     not null comment 'name in the address, lower-case ASCII words joined by hyphens',
    title        varchar(200)    not null comment 'title in Korean',
    summary      varchar(500)    not null comment 'one or two sentences for lists and previews',
    body         mediumtext      not null comment 'the text in CommonMark',
    reviewer     varchar(100)    null comment 'who checked the text (감수)',
    published_on date            null comment 'first published',
    revised_on   date            null comment 'last revised',
    status       enum ('draft', 'published', 'withdrawn') not null default 'draft' comment 'only published articles are searchable',
    created_at   timestamp(3)    not null default current_timestamp(3) comment 'when the row was first written',
    updated_at   timestamp(3)    not null default current_timestamp(3) on update current_timestamp(3)
        comment 'when the row was last changed',
    primary key (id),
    unique key articles_slug_unique (slug),
    constraint articles_slug_form check (slug regexp '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint articles_published_dated check (status <> 'published' or published_on is not null)
) default charset = utf8mb4 comment = 'health articles (건강 정보)';

create table article_topics (
    article_id bigint unsigned not null comment 'the article',
    topic      varchar(40)     not null comment 'a topic in Korean: 질환, 증상, 약, 응급, 예방, 검사, 생활 …',
    primary key (article_id, topic),
    constraint article_topics_article_exists foreign key (article_id) references articles (id)
) default charset = utf8mb4 comment = 'topics of an article';

create table article_kcd_codes (
    article_id bigint unsigned not null comment 'the article',
    kcd_code   varchar(8)      not null comment 'KCD (한국표준질병사인분류) code, such as J00',
    primary key (article_id, kcd_code),
    constraint article_kcd_codes_article_exists foreign key (article_id) references articles (id),
    constraint article_kcd_codes_form check (kcd_code regexp '^[A-Z][0-9]{2}([.][0-9]{1,3})?$')
) default charset = utf8mb4 comment = 'diseases an article is about';

create table article_departments (
    article_id    bigint unsigned   not null comment 'the article',
    department_id smallint unsigned not null comment 'a department that treats what the article is about',
    primary key (article_id, department_id),
    key article_departments_department (department_id),
    constraint article_departments_article_exists foreign key (article_id) references articles (id),
    constraint article_departments_department_exists foreign key (department_id) references departments (id)
) default charset = utf8mb4 comment = 'departments related to an article';
