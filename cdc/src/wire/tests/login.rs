//! Every way in which the servers check a password, and those in which we do not give it away.

use mysql_async::consts::{CapabilityFlags, StatusFlags};
use mysql_common::packets::{AuthPlugin, HandshakePacket};
use mysql_common::proto::MySerialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{as_user, run, target, works};
use crate::error::{Error, Policy};
use crate::server::{Flavour, Server};
use crate::target::{SslMode, Target};

#[tokio::test]
async fn mysql_native_password_opens_and_a_wrong_password_does_not() {
    let admin = target("").await;
    works(&admin).await.unwrap();
    let wrong = as_user(&admin, &admin.user, "wrong");
    for error in [
        works(&wrong).await.unwrap_err(),
        wrong.connect().await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Login { .. }), "{error}");
        assert!(matches!(error.policy(), Policy::Stop(_)));
        assert!(
            error.to_string().contains("Access denied for user"),
            "{error}"
        );
        assert!(!format!("{error} {error:?} {wrong:?}").contains("wrong"));
    }
}

#[tokio::test]
async fn an_account_without_a_password_and_a_database_that_is_none_are_told() {
    let admin = target("").await;
    let account = "bare@'127.0.0.1'";
    let statements = ["drop user if exists", "create user"];
    let statements = statements.map(|statement| format!("{statement} {account}"));
    run(&admin, &statements).await.unwrap();
    let mut empty = as_user(&admin, "bare", "");
    works(&empty).await.unwrap();
    empty.database = "nowhere".to_owned();
    let error = works(&empty).await.unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[tokio::test]
async fn ed25519_of_mariadb_opens() {
    let admin = target("").await;
    let install = "install soname 'auth_ed25519'".to_owned();
    if let Err(error) = run(&admin, &[install]).await {
        // A part of Debian's mariadb-server, not of mariadb-server-core; JINMAEK_TEST_PLUGINS may say where it is.
        println!("not tested: this MariaDB has no ed25519: {error}");
        return;
    }
    let create = "create or replace user ed@'127.0.0.1' \
        identified via ed25519 using password('비밀 ed')";
    run(&admin, &[create.to_owned()]).await.unwrap();
    works(&as_user(&admin, "ed", "비밀 ed")).await.unwrap();
    let error = works(&as_user(&admin, "ed", "비밀")).await.unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error}");
}

#[tokio::test]
async fn caching_sha2_password_opens_by_rsa_at_first_then_fast_and_by_tls() {
    let Ok(url) = std::env::var("JINMAEK_TEST_SERVER") else {
        println!("not tested: JINMAEK_TEST_SERVER names no MySQL");
        return;
    };
    if Server::connect(&url).await.unwrap().flavour() != Flavour::MySql {
        println!("not tested: JINMAEK_TEST_SERVER is no MySQL");
        return;
    }
    let admin = Target::parse(&url).unwrap();
    let user = format!("wire_{}", std::process::id());
    let statements = [
        format!("drop user if exists {user}"),
        format!("create user {user} identified with caching_sha2_password by '비밀 sha2'"),
    ];
    // How many packets a login took is told by the number that the next would have.
    let logins = [
        (
            SslMode::Disabled,
            7,
            "the password, encrypted with the server's key",
        ),
        (SslMode::Disabled, 4, "the scramble"),
        (SslMode::Required, 5, "the scramble, within TLS"),
    ];
    run(&admin, &statements).await.unwrap();
    let mut account = as_user(&admin, &user, "비밀 sha2");
    for (ssl_mode, packets, what) in logins {
        account.ssl_mode = ssl_mode;
        let wire = super::Wire::connect(&account).await.unwrap();
        assert_eq!(wire.packets.sequence, packets, "{what}");
        works(&account).await.unwrap();
        account.connect().await.unwrap();
    }
    run(&admin, &statements).await.unwrap();
    let wire = super::Wire::connect(&account).await.unwrap();
    assert_eq!(wire.packets.sequence, 6, "the password, within TLS");
    let wrong = as_user(&admin, &user, "wrong");
    let error = works(&wrong).await.unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error}");
    run(&admin, &statements[..1]).await.unwrap();
}

/// A server that greets and then answers each packet with the next of `replies`, whatever it says.
async fn scripted(replies: Vec<Vec<u8>>) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let capabilities = CapabilityFlags::CLIENT_PROTOCOL_41
            | CapabilityFlags::CLIENT_SECURE_CONNECTION
            | CapabilityFlags::CLIENT_PLUGIN_AUTH;
        let greeting = HandshakePacket::new(
            10,
            &b"8.4.0"[..],
            1,
            [1; 8],
            Some(&[2; 13][..]),
            capabilities,
            45,
            StatusFlags::empty(),
            Some(&b"caching_sha2_password"[..]),
        );
        let mut payload = Vec::new();
        greeting.serialize(&mut payload);
        let mut sequence = 0;
        for reply in [payload].iter().chain(&replies) {
            let mut bytes = (reply.len() as u32).to_le_bytes();
            bytes[3] = sequence;
            peer.write_all(&bytes).await.unwrap();
            peer.write_all(reply).await.unwrap();
            let mut header = [0; 4];
            if peer.read_exact(&mut header).await.is_err() {
                return;
            }
            let [a, b, c, last] = header;
            let mut answer = vec![0; u32::from_le_bytes([a, b, c, 0]) as usize];
            peer.read_exact(&mut answer).await.unwrap();
            sequence = last + 1;
        }
    });
    Target::parse(&format!("mysql://user:secret@127.0.0.1:{port}/")).unwrap()
}

fn switch_to(plugin: &AuthPlugin<'_>) -> Vec<u8> {
    [b"\xfe", plugin.as_bytes(), b"\0", &[3; 20], b"\0"].concat()
}

#[tokio::test]
async fn the_password_goes_to_no_stranger_in_clear_and_unknown_plugins_are_named() {
    for plugin in [
        AuthPlugin::MysqlClearPassword,
        AuthPlugin::MysqlOldPassword,
        AuthPlugin::from_bytes(b"dialog"),
    ] {
        let error = works(&scripted(vec![switch_to(&plugin)]).await).await;
        let error = error.unwrap_err();
        assert!(matches!(error, Error::AuthPlugin { .. }), "{error}");
        let name = String::from_utf8_lossy(plugin.as_bytes()).into_owned();
        assert!(error.to_string().contains(&name), "{error}");
    }
}

#[tokio::test]
async fn what_a_broken_server_says_is_an_error_and_no_panic() {
    let native = switch_to(&AuthPlugin::MysqlNativePassword);
    for replies in [
        vec![vec![]],
        vec![vec![0xfe, b'x']],
        vec![vec![1, 9]],
        vec![vec![1, 4], b"\x01no key".to_vec()],
        vec![native.clone(), native],
    ] {
        let error = works(&scripted(replies.clone()).await).await.unwrap_err();
        let is_expected = matches!(error, Error::Protocol(_) | Error::AuthPlugin { .. });
        assert!(is_expected, "{replies:?}: {error}");
    }
    let full = b"\xff\x10\x04#08004Too many connections".to_vec();
    let error = works(&scripted(vec![full]).await).await.unwrap_err();
    assert!(matches!(error, Error::Server { code: 1040, .. }), "{error}");
    assert_eq!(error.policy(), Policy::Retry);
}
