//! The database of this run: the user's, or the private one, which is started when nobody has yet.

use anyhow::{Context, bail};
use cdc::private_server::{self, PrivateServer};
use cdc::{Server, Severity};
use core_services::MIGRATOR;
use sqlx::MySqlPool;
use tracing::warn;

use crate::cli::Settings;

/// The private server's database.
const DATABASE: &str = "jinmaek";

/// A claim on a database that answers.
pub(crate) struct Database {
    pub(crate) url: String,
    /// Keeps the private server alive.
    pub(crate) private: Option<PrivateServer>,
}

impl Database {
    /// Finds the database, or starts the private one.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.database_url {
            // Before sqlx sees it, which passes over parameters it does not know: also a misspelt ssl-mode.
            cdc::Target::parse(url).context("the database URL can't be understood")?;
            let url = url.clone();
            return Ok(Self { url, private: None });
        }
        let server =
            PrivateServer::start(private_server::Options::new(settings.home.join("mysql"))).await?;
        server.create_database(DATABASE).await?;
        Ok(Self {
            url: server.url(DATABASE),
            private: Some(server),
        })
    }

    /// A pool of connections, the schema up to date.
    pub(crate) async fn migrated(&self) -> anyhow::Result<MySqlPool> {
        let pool = core_services::db::connect(&self.url).await?;
        MIGRATOR
            .run(&pool)
            .await
            .context("the schema could not be brought up to date")?;
        Ok(pool)
    }

    /// Looks at the server's settings: warnings are logged, what makes following impossible is an error.
    pub(crate) async fn audit(&self) -> anyhow::Result<()> {
        let mut server = Server::connect(&self.url).await?;
        let tables = indexer::followed_tables(&server.database().await?);
        let findings = cdc::audit(&mut server, &tables).await?;
        let (fatal, warnings): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Fatal);
        for finding in warnings {
            warn!("{finding}");
        }
        if !fatal.is_empty() {
            let list: Vec<_> = fatal
                .iter()
                .map(|finding| format!("\n  - {finding}"))
                .collect();
            bail!("the database server can't be followed:{}", list.concat());
        }
        Ok(())
    }

    /// Starts the private server again whenever it dies; waits for ever with a database of the user's.
    pub(crate) async fn keep_running(&self) -> anyhow::Result<std::convert::Infallible> {
        match &self.private {
            Some(server) => Ok(server.keep_running().await?),
            None => std::future::pending().await,
        }
    }
}
