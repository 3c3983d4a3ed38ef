//! The command line: every option has a flag, an environment variable and a key in the configuration file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use indexer::engines::meilisearch::{self, Key};

use crate::commands::cdc::Cdc;
use crate::commands::eval::Eval;
use crate::commands::import::Import;

/// 진맥: a search-centric health information platform for Korea. MySQL is the truth; its binlog is the pulse.
///
/// Without a command every role runs in this process: a database of its own (unless --database-url is given), the indexer,
/// the search API, the operators' API, the patients' site and the back office.
#[derive(Debug, Parser)]
#[command(
    name = "jinmaek",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Every option can also stand in the configuration file under its long name, options of a command in a \
    table of its name: `site-listen = \"0.0.0.0:8080\"`, `[sample]` `seed = 7`. The command line wins over the environment, the \
    environment over the file."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,

    /// Load the sample data first, when the database has no institutions.
    #[arg(long, env = "JINMAEK_WITH_SAMPLE")]
    pub(crate) with_sample: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What all roles share.
#[derive(Clone, Debug, Args)]
pub(crate) struct Settings {
    /// Configuration file (TOML); `jinmaek.toml` in the current directory is read when it is there.
    #[arg(long, env = "JINMAEK_CONFIG", global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Directory for everything that belongs to this installation: the private database, the dictionary, the index.
    #[arg(
        long,
        env = "JINMAEK_HOME",
        global = true,
        value_name = "DIR",
        default_value = ".jinmaek"
    )]
    pub(crate) home: PathBuf,

    /// Your MySQL 8+ or MariaDB 10.6+: mysql://user:password@host:port/database. Without it a private MariaDB is started.
    #[arg(
        long,
        env = "DATABASE_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub(crate) database_url: Option<String>,

    /// Our number among the database's replicas; drawn from a high range when not given.
    #[arg(long, env = "JINMAEK_SERVER_ID", global = true, value_name = "N")]
    pub(crate) server_id: Option<u32>,

    /// Directory of the compiled ko-dic, as `make ko-dic` makes it [default: HOME/ko-dic].
    #[arg(long, env = "JINMAEK_KO_DIC", global = true, value_name = "DIR")]
    pub(crate) ko_dic: Option<PathBuf>,

    /// Directory of the search index [default: HOME/index].
    #[arg(
        long,
        env = "JINMAEK_INDEX_DIRECTORY",
        global = true,
        value_name = "DIR"
    )]
    pub(crate) index_directory: Option<PathBuf>,

    /// The search engine: Tantivy in this process, or a Meilisearch server.
    #[arg(long, env = "JINMAEK_ENGINE", global = true, value_enum, default_value_t = Engine::Tantivy)]
    pub(crate) engine: Engine,

    /// The Meilisearch server, `http://host:port`.
    #[arg(
        long,
        env = "JINMAEK_MEILISEARCH_URL",
        global = true,
        value_name = "URL",
        value_parser = plain_http,
        default_value = "http://127.0.0.1:7700"
    )]
    pub(crate) meilisearch_url: String,

    /// A key of it that may do everything with the index, with INDEX-next, and with tasks.
    #[arg(
        long,
        env = "JINMAEK_MEILISEARCH_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub(crate) meilisearch_key: Option<Key>,

    /// Name of the index there.
    #[arg(
        long,
        env = "JINMAEK_MEILISEARCH_INDEX",
        global = true,
        value_name = "INDEX",
        default_value = "jinmaek"
    )]
    pub(crate) meilisearch_index: String,

    /// Where the patients' site listens.
    #[arg(
        long,
        env = "JINMAEK_SITE_LISTEN",
        global = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) site_listen: SocketAddr,

    /// Where the search API listens.
    #[arg(
        long,
        env = "JINMAEK_API_LISTEN",
        global = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8081"
    )]
    pub(crate) api_listen: SocketAddr,

    /// Where the back office listens. It has no login yet: keep it on the loopback interface.
    #[arg(
        long,
        env = "JINMAEK_BACK_OFFICE_LISTEN",
        global = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8082"
    )]
    pub(crate) back_office_listen: SocketAddr,

    /// Where the operators' API listens: the one that writes, for the back office. It is refused elsewhere than on the
    /// loopback interface, unless --operator-remote says that it is meant.
    #[arg(
        long,
        env = "JINMAEK_OPERATOR_LISTEN",
        global = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8083"
    )]
    pub(crate) operator_listen: SocketAddr,

    /// Let the operators' API listen where other machines reach it; it has no encryption of its own.
    #[arg(long, env = "JINMAEK_OPERATOR_REMOTE", global = true)]
    pub(crate) operator_remote: bool,

    /// What the back office and the operators' API know each other by, 32 characters or more; drawn at each start when both run
    /// in one process.
    #[arg(
        long,
        env = "JINMAEK_OPERATOR_TOKEN",
        global = true,
        value_name = "TOKEN",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub(crate) operator_token: Option<String>,

    /// Where the back office finds the operators' API [default: `http://OPERATOR_LISTEN`].
    #[arg(long, env = "JINMAEK_OPERATOR_URL", global = true, value_name = "URL")]
    pub(crate) operator_url: Option<String>,

    /// Where the site and the back office find the search API [default: `http://API_LISTEN`].
    #[arg(long, env = "JINMAEK_API_URL", global = true, value_name = "URL")]
    pub(crate) api_url: Option<String>,

    /// `/readyz` fails when changes come later from the database than this.
    #[arg(
        long,
        env = "JINMAEK_LAG_SECONDS_MAX",
        global = true,
        value_name = "SECONDS",
        default_value_t = 30
    )]
    pub(crate) lag_seconds_max: u64,

    /// What is logged: a level (error, warn, info, debug, trace) or directives such as `info,indexer=debug`.
    #[arg(
        long,
        env = "JINMAEK_LOG",
        global = true,
        value_name = "FILTER",
        default_value = "info,tantivy=warn"
    )]
    pub(crate) log: String,

    /// How the log is written.
    #[arg(long, env = "JINMAEK_LOG_FORMAT", global = true, value_enum, default_value_t = LogFormat::Auto)]
    pub(crate) log_format: LogFormat,
}

/// A URL that is spoken to without TLS; the platform's HTTP client has none.
fn plain_http(url: &str) -> Result<String, &'static str> {
    let is_plain = url.starts_with("http://");
    let plain = is_plain.then(|| url.to_owned());
    plain.ok_or("it must begin with http://; TLS is up to a proxy beside jinmaek")
}

/// The search engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// In this process, with an index on the disk.
    Tantivy,
    /// A Meilisearch server.
    Meilisearch,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Readable text on a terminal, JSON otherwise.
    Auto,
    /// Readable text.
    Text,
    /// One JSON object a line.
    Json,
}

impl Settings {
    pub(crate) fn ko_dic(&self) -> PathBuf {
        self.ko_dic
            .clone()
            .unwrap_or_else(|| self.home.join("ko-dic"))
    }

    pub(crate) fn index_directory(&self) -> PathBuf {
        self.index_directory
            .clone()
            .unwrap_or_else(|| self.home.join("index"))
    }

    /// The Meilisearch server, when it is the engine.
    pub(crate) fn meilisearch(&self) -> Option<meilisearch::Options> {
        (self.engine == Engine::Meilisearch).then(|| meilisearch::Options {
            url: self.meilisearch_url.clone(),
            key: self.meilisearch_key.clone(),
            index: self.meilisearch_index.clone(),
        })
    }

    pub(crate) fn api_url(&self) -> String {
        self.api_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.api_listen))
    }

    pub(crate) fn operator_url(&self) -> String {
        self.operator_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.operator_listen))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Follow the database and serve the search API.
    Search,
    /// Serve the patients' site; it asks the search API for everything.
    Site,
    /// Serve the back office; it asks the search API and the operators' API for everything.
    BackOffice,
    /// Serve the operators' API: the dictionary, for the back office.
    Operator,
    /// Import files of registries, or articles.
    #[command(subcommand)]
    Import(Import),
    /// Load synthetic institutions and the sample articles.
    Sample(Sample),
    /// Build the index anew from the tables, beside the live one, and make it the live one.
    Reindex,
    /// Compare every document of the index with the tables; exit status 1 if anything differs.
    Verify(Verify),
    /// The Korean dictionary.
    #[command(subcommand)]
    Dictionary(Dictionary),
    /// The database.
    #[command(subcommand)]
    Database(Database),
    /// Measure how well searches find what is meant, by questions with known answers.
    Eval(Eval),
    /// The change stream.
    #[command(subcommand)]
    Cdc(Cdc),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Sample {
    /// Same seed, same institutions.
    #[arg(long, env = "JINMAEK_SAMPLE_SEED", default_value_t = Self::DEFAULT.seed)]
    pub(crate) seed: u64,
    /// How many institutions.
    #[arg(long, env = "JINMAEK_SAMPLE_INSTITUTIONS", default_value_t = Self::DEFAULT.institutions, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) institutions: u32,
}

impl Sample {
    pub(crate) const DEFAULT: Self = Self {
        seed: 20_261_120,
        institutions: core_services::sample::INSTITUTIONS_DEFAULT,
    };
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// How long to wait for a running jinmaek to catch up, seconds.
    #[arg(
        long,
        env = "JINMAEK_VERIFY_PATIENCE_SECONDS",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    pub(crate) patience_seconds: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dictionary {
    /// Build ko-dic for lindera from mecab-ko-dic, compiled by MeCab (sys.dic …) or as CSV sources.
    Build {
        /// Directory of the source files.
        #[arg(value_name = "DIR")]
        source: PathBuf,
        /// Take the files although they are none of those whose checksums are known.
        #[arg(long, env = "JINMAEK_DICTIONARY_UNKNOWN_SOURCE")]
        unknown_source: bool,
    },
    /// Print the terms of each text, one text a line: how it is indexed and searched.
    Analyze {
        /// The texts.
        #[arg(required = true, value_name = "TEXT")]
        texts: Vec<String>,
    },
    /// Print the SHA-256 of the source files.
    Checksum {
        /// Directory of the source files.
        #[arg(value_name = "DIR")]
        source: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Database {
    /// Run the private MariaDB until Ctrl-C, and print how to reach it.
    Run,
    /// Bring the schema up to date.
    Migrate,
    /// Look at the settings that the change stream needs; exit status 1 if it can't work.
    Audit,
    /// Run a command with `DATABASE_URL` set to the database.
    Exec {
        /// The command and its arguments.
        #[arg(
            required = true,
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "COMMAND"
        )]
        command: Vec<String>,
    },
    /// Open a client on the database.
    Shell {
        /// Arguments of the client, such as `-e "select 1"`.
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGUMENT"
        )]
        arguments: Vec<String>,
    },
}
