//! `jinmaek cdc publish` to NATS servers that ask who we are, and over TLS.

use std::fs;

use async_nats::ConnectOptions;

use crate::nats::NatsServer;
use crate::publishing::Publishing;

/// A row is published to this server with credentials or arguments, and the log does not hold the secret.
fn assert_published_with(nats: NatsServer, start: &str, arguments: &[&str], secret: &str) {
    let publishing = Publishing::to(nats);
    publishing.run("insert into t (v) values ('하나')");
    let url = publishing.nats.url_with(start);
    let common = ["--table", "t", "--from", &publishing.start, "--nats"];
    let mut publisher = publishing
        .installation
        .spawn(&[&["cdc", "publish"], &common[..], &[&url], arguments].concat());
    publishing.until_there_are(&mut publisher, 1);
    publisher.signal("-TERM");
    let ended = publisher.ended();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!ended.log.contains(secret), "{}", ended.log);
}

#[test]
fn nats_lets_us_in_with_a_users_password_or_a_token_that_stand_in_the_address_and_in_no_log() {
    let with = |arguments: &[&str], options| NatsServer::start_with(arguments, options);
    let password = "pa:s/s@word".to_owned();
    let options = ConnectOptions::with_user_and_password("user".to_owned(), password.clone());
    let nats = with(&["--user", "user", "--pass", &password], options);
    assert_published_with(nats, "nats://user:pa%3As%2Fs%40word@", &[], "word");
    let options = ConnectOptions::with_token("secret-token".to_owned());
    let nats = with(&["--auth", "secret-token"], options);
    assert_published_with(nats, "nats://secret-token@", &[], "secret-token");
}

#[test]
fn nats_over_tls_is_trusted_by_the_authority_that_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let certificate = file("certificate.pem", certified.cert.pem());
    let key = file("key.pem", certified.signing_key.serialize_pem());
    let options = ConnectOptions::new()
        .require_tls(true)
        .add_root_certificates(certificate.clone().into());
    let nats = NatsServer::start_with(
        &["--tls", "--tlscert", &certificate, "--tlskey", &key],
        options,
    );
    assert_published_with(nats, "tls://", &["--nats-ca", &certificate], "PRIVATE");
}
