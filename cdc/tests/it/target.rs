//! What a database URL may say, and that its password stays in it.

use cdc::{Error, Policy, Server, SslMode, Target};

#[test]
fn every_part_of_a_url_is_read() {
    let url = "mysql://us%40er:p%3Aw@[::1]:3307/d?ssl-mode=verify_ca&ssl-ca=%2Fa%20b.pem&charset=utf8mb4\
        &ssl-cert=c.pem&ssl-key=k.pem";
    let target = Target::parse(url).unwrap();
    assert_eq!((target.host.as_str(), target.port), ("::1", 3307));
    assert_eq!(
        (target.user.as_str(), target.password.as_str()),
        ("us@er", "p:w")
    );
    assert_eq!(target.database, "d");
    assert_eq!(target.ssl_mode, SslMode::VerifyCa);
    assert_eq!(target.ssl_ca.unwrap().to_str(), Some("/a b.pem"));
    assert_eq!(target.identity.unwrap().key.to_str(), Some("k.pem"));
    let bare = Target::parse("mysql://root@db.example").unwrap();
    assert_eq!((bare.host.as_str(), bare.port), ("db.example", 3306));
    assert_eq!((bare.password.as_str(), bare.database.as_str()), ("", ""));
    assert_eq!(bare.ssl_mode, SslMode::Preferred);
}

#[tokio::test]
async fn what_is_wrong_with_a_url_is_told_without_its_password() {
    for (url, word) in [
        ("postgres://u:geheim@h/d", "mysql://"),
        ("mysql://u:geheim@h:port/d", "mysql://"),
        ("mysql://u:geheim@h/d?ssl_mode=REQUIRED", "ssl_mode"),
        ("mysql://u:geheim@h/d?ssl-mode=STRICT", "STRICT"),
        ("mysql://u:geheim@h/d?ssl-mode=VERIFY_CA", "ssl-ca"),
        ("mysql://u:geheim@h/d?ssl-cert=a", "ssl-key"),
    ] {
        let error = Server::connect(url).await.unwrap_err();
        assert_eq!(error.policy(), Policy::Stop("correct the database URL"));
        let Error::Url(cause) = &error else {
            panic!("{error}");
        };
        assert!(cause.to_string().contains(word), "{cause}");
        let all = format!("{error} {error:?} {cause}");
        assert!(!all.contains("geheim"), "{all}");
    }
    let target = Target::parse("mysql://u:geheim@h/d").unwrap();
    assert!(!format!("{target:?}").contains("geheim"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let error = Server::connect("mysql://u:geheim@127.0.0.1:1/d")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Io(_)), "{error:?}");
    assert_eq!(error.policy(), Policy::Retry);
}
