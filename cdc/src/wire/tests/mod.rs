//! What the tests of the wire share: a MariaDB with TLS, and accounts on it.

mod login;
mod packets;
mod tls;

use std::fs;
use std::path::{Path, PathBuf};

use mysql_async::prelude::Queryable;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use tokio::sync::OnceCell;

use super::Wire;
use crate::error::Error;
use crate::private_server::{Options, PrivateServer};
use crate::target::Target;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();

/// `target/tmp/…`, which cargo names only to integration tests.
fn directory() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap();
    target.join("tmp/mysql-cdc-wire")
}

/// A file in the server's directory.
fn file(name: &str) -> String {
    directory().join(name).display().to_string()
}

/// A MariaDB of these tests' own, whose certificate is for 127.0.0.1 alone.
async fn server() -> &'static PrivateServer {
    let start = || async {
        make_certificates(&directory());
        let mut options = Options::for_tests(directory());
        if let Ok(plugins) = std::env::var("JINMAEK_TEST_PLUGINS") {
            options = options.with_argument(format!("--plugin-dir={plugins}"));
        }
        let options = options
            .with_argument(format!("--ssl-ca={}", file("ca.pem")))
            .with_argument(format!("--ssl-cert={}", file("server.pem")))
            .with_argument(format!("--ssl-key={}", file("server.key")));
        PrivateServer::start_afresh(options).await.unwrap()
    };
    SERVER.get_or_init(start).await
}

/// Once for all runs: the server may still be there from another.
fn make_certificates(directory: &Path) {
    if directory.join("client.key").exists() {
        return;
    }
    fs::create_dir_all(directory).unwrap();
    let write = |name: &str, text: String| fs::write(directory.join(name), text).unwrap();
    let authority = |file: &str| {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, file);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        write(file, params.self_signed(&key).unwrap().pem());
        Issuer::new(params, key)
    };
    let ours = authority("ca.pem");
    authority("stranger.pem");
    for (name, usage) in [
        ("server", ExtendedKeyUsagePurpose::ServerAuth),
        ("client", ExtendedKeyUsagePurpose::ClientAuth),
    ] {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &ours).unwrap();
        write(&format!("{name}.pem"), certificate.pem());
        write(&format!("{name}.key"), key.serialize_pem());
    }
}

/// The server with these parameters in the URL.
async fn target(parameters: &str) -> Target {
    let url = server().await.url("");
    Target::parse(&format!("{url}?{parameters}")).unwrap()
}

/// Runs statements as the administrator of `target`.
async fn run(target: &Target, statements: &[String]) -> Result<(), mysql_async::Error> {
    let mut connection = target.connect().await.unwrap();
    for statement in statements {
        connection.query_drop(statement).await?;
    }
    Ok(())
}

/// `admin` for another account.
fn as_user(admin: &Target, user: &str, password: &str) -> Target {
    Target {
        user: user.to_owned(),
        password: password.to_owned(),
        database: String::new(),
        ..admin.clone()
    }
}

/// That the connection serves.
async fn works(target: &Target) -> Result<Wire, Error> {
    let mut wire = Wire::connect(target).await?;
    wire.execute("set @a = 1").await?;
    Ok(wire)
}
