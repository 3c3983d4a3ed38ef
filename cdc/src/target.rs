//! Which server, as whom, and how secretly: what a database URL says.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use mysql_async::{ClientIdentity, Conn, DriverError, Opts, OptsBuilder, SslOpts, UrlError};
use thiserror::Error as ThisError;
use tokio::time::timeout;
use url::Url;

use crate::error::Error;

/// The largest packet of the protocol's users: a row event may be as large as `slave_max_allowed_packet`, 1 GiB at most.
pub(crate) const PACKET_BYTES_MAX: usize = 1 << 30;
/// A peer that died without a word is noticed by the system after this.
pub(crate) const TCP_KEEPALIVE: Duration = Duration::from_secs(10);
/// From the first packet to the server's welcome; a server that needs longer is not there for us.
pub(crate) const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// The parameters that sqlx reads from the same URL and that say nothing to a reader of the binlog.
const FOREIGN_PARAMETERS: [&str; 6] = [
    "charset",
    "collation",
    "socket",
    "statement-cache-capacity",
    "time-zone",
    "timezone",
];

/// Why a database URL can't be understood. Never holds the URL itself, in which there is a password.
#[derive(Debug, ThisError)]
pub enum ParseTargetError {
    /// It is no URL, or one of another scheme.
    #[error("expected mysql://user:password@host:port/database")]
    Syntax(#[source] UrlError),
    /// A parameter that nobody reads, so perhaps a misspelt one.
    #[error(
        "unknown parameter {0:?}; known are ssl-mode, ssl-ca, ssl-cert, ssl-key, and {known}",
        known = FOREIGN_PARAMETERS.join(", ")
    )]
    UnknownParameter(String),
    /// An `ssl-mode` that is none.
    #[error(
        "unknown ssl-mode {0:?}; expected DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY"
    )]
    SslMode(String),
    /// Any authority of the web vouches for somebody: without the name that says nothing.
    #[error("ssl-mode=VERIFY_CA needs ssl-ca, the file of the authority's certificate")]
    NoAuthority,
    /// One of the pair is missing.
    #[error("ssl-cert and ssl-key belong together")]
    HalfAnIdentity,
}

/// How much TLS, in the words of the MySQL clients' `--ssl-mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// None.
    Disabled,
    /// When the server offers it; its certificate is not looked at.
    #[default]
    Preferred,
    /// Always; the server's certificate is not looked at.
    Required,
    /// Always; the certificate comes from the authority of `ssl-ca`.
    VerifyCa,
    /// Always; the certificate comes from the authority of `ssl-ca` (without one: from one that the web trusts) and names the host.
    VerifyIdentity,
}

impl FromStr for SslMode {
    type Err = ParseTargetError;

    fn from_str(word: &str) -> Result<Self, ParseTargetError> {
        Ok(match word.to_ascii_lowercase().as_str() {
            "disabled" => Self::Disabled,
            "preferred" => Self::Preferred,
            "required" => Self::Required,
            "verify_ca" => Self::VerifyCa,
            "verify_identity" => Self::VerifyIdentity,
            _ => return Err(ParseTargetError::SslMode(word.to_owned())),
        })
    }
}

/// A certificate of our own, for accounts that are `require x509`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// PEM file of the certificate and those between it and the authority.
    pub certificate: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
}

/// What a database URL says: `mysql://user:password@host:port/database?ssl-mode=…&ssl-ca=…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Host name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User name.
    pub user: String,
    /// Password; empty when there is none.
    pub password: String,
    /// Default database; empty when there is none.
    pub database: String,
    /// How much TLS.
    pub ssl_mode: SslMode,
    /// PEM file of the only authorities to trust (`ssl-ca`).
    pub ssl_ca: Option<PathBuf>,
    /// Our own certificate (`ssl-cert` and `ssl-key`).
    pub identity: Option<Identity>,
}

/// Without the password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("database", &self.database)
            .field("ssl_mode", &self.ssl_mode)
            .field("ssl_ca", &self.ssl_ca)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Reads a URL. The words for TLS are those that sqlx understands in the same URL: `ssl-mode`, `ssl-ca`, `ssl-cert`,
    /// `ssl-key`, also without the hyphen. Other parameters of sqlx's are passed over.
    ///
    /// # Errors
    /// When it is malformed or has a parameter that neither reads.
    pub fn parse(url: &str) -> Result<Self, ParseTargetError> {
        let syntax = |error| ParseTargetError::Syntax(error);
        let mut url = Url::parse(url).map_err(|error| syntax(UrlError::Parse(error)))?;
        let (mut ssl_mode, mut ssl_ca) = (SslMode::default(), None);
        let (mut certificate, mut key) = (None, None);
        for (name, value) in url.query_pairs() {
            let file = || Some(PathBuf::from(&*value));
            match &*name {
                "ssl-mode" | "sslmode" => ssl_mode = value.parse()?,
                "ssl-ca" | "sslca" => ssl_ca = file(),
                "ssl-cert" | "sslcert" => certificate = file(),
                "ssl-key" | "sslkey" => key = file(),
                name if FOREIGN_PARAMETERS.contains(&name) => {}
                name => return Err(ParseTargetError::UnknownParameter(name.to_owned())),
            }
        }
        let identity = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
            _ => return Err(ParseTargetError::HalfAnIdentity),
        };
        if ssl_mode == SslMode::VerifyCa && ssl_ca.is_none() {
            return Err(ParseTargetError::NoAuthority);
        }
        url.set_query(None);
        let options = Opts::from_url(url.as_str()).map_err(syntax)?;
        let host = options.ip_or_hostname();
        let bare = host.strip_prefix('[').and_then(|ip| ip.strip_suffix(']'));
        Ok(Self {
            host: bare.unwrap_or(host).to_owned(),
            port: options.tcp_port(),
            user: options.user().unwrap_or_default().to_owned(),
            password: options.pass().unwrap_or_default().to_owned(),
            database: options.db_name().unwrap_or_default().to_owned(),
            ssl_mode,
            ssl_ca,
            identity,
        })
    }

    /// Whether the peer has proven who it is before it sees anything of ours.
    pub(crate) fn verifies(&self) -> bool {
        self.ssl_mode >= SslMode::VerifyCa
    }

    /// A connection for statements.
    pub(crate) async fn connect(&self) -> Result<Conn, Error> {
        let connect = async {
            let secure = match self.ssl_mode {
                SslMode::Disabled => None,
                _ => Some(self.ssl_options().await?),
            };
            match Conn::new(self.options(secure)).await {
                Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer))
                    if self.ssl_mode == SslMode::Preferred =>
                {
                    Conn::new(self.options(None)).await
                }
                outcome => outcome,
            }
            .map_err(Error::of_connect)
        };
        timeout(CONNECT_TIME_MAX, connect)
            .await
            .unwrap_or_else(|_| Err(Error::no_answer()))
    }

    fn options(&self, secure: Option<SslOpts>) -> OptsBuilder {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .user(some(&self.user))
            .pass(some(&self.password))
            .db_name(some(&self.database))
            .max_allowed_packet(Some(PACKET_BYTES_MAX))
            .tcp_keepalive(Some(TCP_KEEPALIVE))
            .prefer_socket(Some(false))
            .enable_cleartext_plugin(self.verifies())
            .ssl_opts(secure)
    }

    /// The files are read here, so that the error names the one that can't be.
    async fn ssl_options(&self) -> Result<SslOpts, Error> {
        let mut options = SslOpts::default()
            .with_danger_accept_invalid_certs(!self.verifies())
            .with_danger_skip_domain_validation(self.ssl_mode < SslMode::VerifyIdentity);
        if self.ssl_mode == SslMode::VerifyCa {
            // mysql_async 0.37 forgives the wrong name, and nothing else, by looking for this word in the error's text. The
            // text of rustls 0.23 has the name that was asked for instead, so that is what we ask for.
            options = options.with_danger_tls_hostname_override(Some("NotValidForName"));
        }
        if let Some(path) = &self.ssl_ca {
            options = options
                .with_root_certs(vec![read_pem(path).await?.into()])
                .with_disable_built_in_roots(true);
        }
        if let Some(identity) = &self.identity {
            let certificate = read_pem(&identity.certificate).await?.into();
            let key = read_pem(&identity.key).await?.into();
            options = options.with_client_identity(Some(ClientIdentity::new(certificate, key)));
        }
        Ok(options)
    }
}

/// The content of a file that the URL names.
pub(crate) async fn read_pem(path: &Path) -> Result<Vec<u8>, Error> {
    tokio::fs::read(path)
        .await
        .map_err(|error| Error::tls(format!("{}: {error}", path.display())))
}
