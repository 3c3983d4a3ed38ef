//! The tables of the benchmark, written once and then used again: institutions of the sample under real names at real places,
//! articles put together from sentences. Each set has a database of its own.

use cdc::private_server::PrivateServer;
use rand::prelude::*;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlPool, QueryBuilder};

use crate::sources::Sources;
use crate::{SEED, articles_count, institutions_count};

/// Rows of a statement; articles of 5 kB each make 1 MB.
const BATCH_ROWS: usize = 200;
/// How many clinics of a hundred get a name that tells no department, as many real ones have.
const PLAIN_NAMES_PERCENT: u32 = 40;
/// Characters of an article's text.
const BODY_CHARACTERS: std::ops::Range<usize> = 1_200..2_000;
/// Number of the first synthetic article, above those of our own.
const FIRST_ARTICLE: u64 = 1_000_000;
/// Tables with rows of institutions, those that others point at first.
const COPIED: [&str; 7] = [
    "institutions",
    "institution_departments",
    "opening_hours",
    "articles",
    "article_topics",
    "article_kcd_codes",
    "article_departments",
];
/// What a database says once it is whole.
const FINISHED: &str = "create table bench_finished (id int primary key)";

/// A database whose rows are written without a trace in the binlog.
pub(crate) struct Tables {
    pub(crate) url: String,
    pub(crate) pool: MySqlPool,
}

impl Tables {
    async fn open(server: &PrivateServer, name: &str) -> Self {
        let name = format!(
            "{name}_{}_{}_{SEED}",
            institutions_count(),
            articles_count()
        );
        server.create_database(&name).await.expect("a database");
        let url = server.url(&name);
        let pool = MySqlPoolOptions::new()
            .max_connections(2)
            .after_connect(|connection, _| {
                let session =
                    "set session sql_log_bin = 0, unique_checks = 0, foreign_key_checks = 0";
                Box::pin(async move { connection.execute(session).await.map(drop) })
            })
            .connect(&url)
            .await
            .expect("a connection");
        Self { url, pool }
    }

    /// The institutions alone.
    pub(crate) async fn institutions(server: &PrivateServer, sources: &Sources) -> Self {
        let tables = Self::open(server, "institutions").await;
        if !tables.is_finished().await {
            tables.migrate().await;
            let count = u32::try_from(institutions_count()).expect("fits");
            let mut progress = core_services::import::progress::Silent;
            core_services::sample::load(&tables.pool, SEED, count, &mut progress)
                .await
                .expect("the sample is loaded");
            tables.rename(sources).await;
            tables.run(FINISHED).await;
        }
        tables
    }

    /// The institutions and the articles, with MySQL's indexes for them.
    pub(crate) async fn all(
        server: &PrivateServer,
        from: &Self,
        sources: &Sources,
        is_mysql: bool,
    ) -> Self {
        let tables = Self::open(server, "all").await;
        if !tables.is_finished().await {
            tables.migrate().await;
            let source = from.url.rsplit('/').next().unwrap_or_default();
            for table in COPIED {
                let copy = format!("insert into {table} select * from {source}.{table}");
                tables.run(&copy).await;
            }
            tables.write_articles(sources).await;
            let parser = if is_mysql { " with parser ngram" } else { "" };
            for index in [
                "alter table institutions add key (sigungu), add key (name)",
                "alter table opening_hours add key (day, opens_minute, closes_minute, institution_id)",
                &format!(
                    "alter table institutions add fulltext key words (name, address, description){parser}"
                ),
                &format!(
                    "alter table articles add fulltext key words (title, summary, body){parser}"
                ),
                "analyze table institutions, institution_departments, opening_hours, articles",
                FINISHED,
            ] {
                tables.run(index).await;
            }
        }
        tables
    }

    async fn is_finished(&self) -> bool {
        let found = sqlx::query("show tables like 'bench_finished'")
            .fetch_optional(&self.pool)
            .await;
        found.expect("a list of tables").is_some()
    }

    async fn migrate(&self) {
        core_services::MIGRATOR
            .run(&self.pool)
            .await
            .expect("the schema");
    }

    async fn run(&self, statement: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.pool)
            .await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Gives the institutions real names of their class, and real places.
    async fn rename(&self, sources: &Sources) {
        let rows: Vec<(u64, String)> =
            sqlx::query_as("select id, name from institutions order by id")
                .fetch_all(&self.pool)
                .await
                .expect("the institutions");
        self.run(
            "create table drawn (id bigint unsigned primary key, name varchar(200) not null, sido varchar(40), sigungu varchar(40),
             eupmyeondong varchar(40), address varchar(300), latitude double, longitude double)",
        )
        .await;
        let mut rng = StdRng::seed_from_u64(SEED);
        for batch in rows.chunks(BATCH_ROWS) {
            let mut query = QueryBuilder::<MySql>::new("insert into drawn ");
            query.push_values(batch, |mut row, (id, name)| {
                let is_plain = rng.random_range(0..100) < PLAIN_NAMES_PERCENT;
                let real = sources.names_like(name, is_plain).choose(&mut rng);
                row.push_bind(*id).push_bind(real.unwrap_or(name).clone());
                let place = sources.places.choose(&mut rng);
                let address = place.map(|place| place.address.clone());
                row.push_bind(address.as_ref().and_then(|address| address.sido.clone()))
                    .push_bind(address.as_ref().and_then(|address| address.sigungu.clone()))
                    .push_bind(
                        address
                            .as_ref()
                            .and_then(|address| address.eupmyeondong.clone()),
                    )
                    .push_bind(address.and_then(|address| address.full))
                    .push_bind(place.map(|place| place.latitude))
                    .push_bind(place.map(|place| place.longitude));
            });
            query
                .build()
                .persistent(false)
                .execute(&self.pool)
                .await
                .expect("drawn rows");
        }
        self.run("update institutions i join drawn d on d.id = i.id set i.name = d.name")
            .await;
        self.run(
            "update institutions i join drawn d on d.id = i.id set i.sido = d.sido, i.sigungu = d.sigungu,
             i.eupmyeondong = d.eupmyeondong, i.address = d.address, i.latitude = d.latitude, i.longitude = d.longitude
             where d.address is not null",
        )
        .await;
        self.run("drop table drawn").await;
    }

    /// Fills up the articles with texts made of the sentences of those that are there, and of paragraphs.
    async fn write_articles(&self, sources: &Sources) {
        let own: Vec<(String, String)> =
            sqlx::query_as("select title, body from articles order by id")
                .fetch_all(&self.pool)
                .await
                .expect("the articles");
        let titles: Vec<&str> = own.iter().map(|(title, _)| title.as_str()).collect();
        let blocks: Vec<&str> = own
            .iter()
            .flat_map(|(_, body)| body.split("\n\n"))
            .collect();
        let mut rng = StdRng::seed_from_u64(SEED);
        for first in (own.len()..articles_count()).step_by(BATCH_ROWS) {
            let numbers = first..(first + BATCH_ROWS).min(articles_count());
            let mut query = QueryBuilder::<MySql>::new(
                "insert into articles (id, slug, title, summary, body, published_on, revised_on, status) ",
            );
            query.push_values(numbers.clone(), |mut row, number| {
                let body = body(&mut rng, &blocks, &sources.paragraphs);
                let words = |count| {
                    body.split_whitespace()
                        .filter(|word| *word != "##")
                        .take(count)
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                let title = format!("{} — {}", titles.choose(&mut rng).unwrap_or(&""), words(4));
                let day = format!(
                    "2025-{:02}-{:02}",
                    rng.random_range(1..=12),
                    rng.random_range(1..=28)
                );
                row.push_bind(FIRST_ARTICLE + number as u64)
                    .push_bind(format!("synthetic-{number}"))
                    .push_bind(title.chars().take(100).collect::<String>())
                    .push_bind(words(25).chars().take(200).collect::<String>())
                    .push_bind(body)
                    .push_bind(day.clone())
                    .push_bind(day)
                    .push_bind("published");
            });
            query
                .build()
                .persistent(false)
                .execute(&self.pool)
                .await
                .expect("articles");
            self.write_lists(&mut rng, numbers).await;
        }
    }

    /// A topic and a department of each article.
    async fn write_lists(&self, rng: &mut StdRng, numbers: std::ops::Range<usize>) {
        let mut query =
            QueryBuilder::<MySql>::new("insert into article_topics (article_id, topic) ");
        query.push_values(numbers.clone(), |mut row, number| {
            let topic = ["질환", "증상", "약", "예방", "검사", "생활"].choose(rng);
            row.push_bind(FIRST_ARTICLE + number as u64)
                .push_bind(*topic.unwrap_or(&"질환"));
        });
        let written = query.build().persistent(false).execute(&self.pool).await;
        written.expect("topics");
        let mut query = QueryBuilder::<MySql>::new(
            "insert into article_departments (article_id, department_id) ",
        );
        query.push_values(numbers, |mut row, number| {
            row.push_bind(FIRST_ARTICLE + number as u64)
                .push_bind(rng.random_range(1..=14_u16));
        });
        let written = query.build().persistent(false).execute(&self.pool).await;
        written.expect("departments");
    }
}

/// Blocks of our own articles and encyclopedia paragraphs in turns by chance, up to the length of an article.
fn body(rng: &mut StdRng, blocks: &[&str], paragraphs: &[String]) -> String {
    let length = rng.random_range(BODY_CHARACTERS);
    let mut body = String::new();
    let mut characters = 0;
    while characters < length {
        let block = match rng.random_bool(0.5) {
            true => paragraphs.choose(rng).map(String::as_str),
            false => None,
        };
        let block = block
            .or_else(|| blocks.choose(rng).copied())
            .unwrap_or("건강");
        body.extend(block.chars().take(length - characters));
        body.push_str("\n\n");
        characters += block.chars().count() + 2;
    }
    body
}
