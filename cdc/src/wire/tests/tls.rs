//! TLS is as strict as the URL says, for the wire and for `mysql_async` alike.

use mysql_async::prelude::Queryable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::Socket;
use super::{as_user, file, run, target, works};
use crate::error::{Error, Policy};
use crate::target::{SslMode, Target};

/// Whether both connections are encrypted; both fail in the same way or not at all.
async fn is_secure(target: &Target) -> Result<bool, Error> {
    let wire = works(target).await;
    let other = target.connect().await;
    match (wire, other) {
        (Ok(wire), Ok(mut other)) => {
            let cipher: Option<(String, String)> = other
                .query_first("show status like 'ssl_cipher'")
                .await
                .unwrap();
            let is_secure = matches!(wire.socket, Socket::Secure(_));
            assert_eq!(is_secure, !cipher.unwrap().1.is_empty());
            Ok(is_secure)
        }
        (Err(error), Err(other)) => {
            assert_eq!(error.to_string(), other.to_string());
            Err(error)
        }
        (wire, other) => panic!("{:?} but {:?}", wire.err(), other.err()),
    }
}

/// The text of a refusal, which a person must act upon.
async fn refusal(target: &Target) -> String {
    let error = is_secure(target).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error}");
    assert!(matches!(error.policy(), Policy::Stop(_)));
    error.to_string()
}

#[tokio::test]
async fn each_mode_is_as_strict_as_its_name() {
    let ca = file("ca.pem");
    for (parameters, expected) in [
        ("ssl-mode=DISABLED".to_owned(), false),
        ("ssl-mode=PREFERRED".to_owned(), true),
        (String::new(), true),
        ("ssl-mode=REQUIRED".to_owned(), true),
        (format!("ssl-mode=VERIFY_CA&ssl-ca={ca}"), true),
        (format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}"), true),
    ] {
        let target = target(&parameters).await;
        assert_eq!(is_secure(&target).await.unwrap(), expected, "{parameters}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let stranger = file("stranger.pem");
    for mode in ["VERIFY_CA", "VERIFY_IDENTITY"] {
        let text = refusal(&target(&format!("ssl-mode={mode}&ssl-ca={stranger}")).await).await;
        assert!(text.contains("invalid peer certificate"), "{text}");
    }
    // Without ssl-ca those that the web trusts.
    let text = refusal(&target("ssl-mode=VERIFY_IDENTITY").await).await;
    assert!(text.contains("UnknownIssuer"), "{text}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused_where_identity_is_asked_for() {
    let ca = file("ca.pem");
    let mut localhost = target(&format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}")).await;
    localhost.host = "localhost".to_owned();
    let text = refusal(&localhost).await;
    assert!(text.contains("localhost"), "{text}");
    localhost.ssl_mode = SslMode::VerifyCa;
    assert!(is_secure(&localhost).await.unwrap());
}

#[tokio::test]
async fn a_file_that_is_not_there_or_holds_no_certificate_is_named() {
    for name in ["nowhere.pem", "server.key"] {
        let path = file(name);
        let target = target(&format!("ssl-mode=VERIFY_CA&ssl-ca={path}")).await;
        let error = works(&target).await.unwrap_err();
        assert!(error.to_string().contains(&path), "{error}");
        assert!(matches!(target.connect().await, Err(Error::Tls { .. })));
    }
}

#[tokio::test]
async fn an_account_that_must_show_a_certificate_shows_it() {
    let admin = target("").await;
    let statements = [
        "drop user if exists shown@'127.0.0.1'".to_owned(),
        "create user shown@'127.0.0.1' identified by 'p' require x509".to_owned(),
    ];
    run(&admin, &statements).await.unwrap();
    let mut account = as_user(&admin, "shown", "p");
    let error = is_secure(&account).await.unwrap_err();
    assert!(matches!(error, Error::Login { .. }), "{error}");
    let (certificate, key) = (file("client.pem"), file("client.key"));
    let with_identity = target(&format!("ssl-cert={certificate}&ssl-key={key}")).await;
    account.identity = with_identity.identity;
    assert!(is_secure(&account).await.unwrap());
}

/// A stranger on the way who changes the server's greeting. Told are its bytes and where the capabilities begin.
async fn with_a_stranger(server: &Target, tamper: fn(&mut Vec<u8>, usize)) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = (server.host.clone(), server.port);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(address.clone()).await.unwrap();
            let mut greeting = vec![0; 4];
            server.read_exact(&mut greeting).await.unwrap();
            greeting.resize(4 + usize::from(greeting[0]), 0);
            server.read_exact(&mut greeting[4..]).await.unwrap();
            // The header, protocol version, server version, thread, nonce, a zero; then the capabilities.
            let version = greeting[5..].iter().position(|byte| *byte == 0).unwrap();
            tamper(&mut greeting, 5 + version + 1 + 4 + 8 + 1);
            client.write_all(&greeting).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    Target {
        port,
        ..server.clone()
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_unless_it_is_only_preferred() {
    let without_tls = |greeting: &mut Vec<u8>, capabilities: usize| {
        greeting[capabilities + 1] &= !0x08;
    };
    let mut target = with_a_stranger(&target("").await, without_tls).await;
    assert!(!is_secure(&target).await.unwrap());
    target.ssl_mode = SslMode::Required;
    let text = refusal(&target).await;
    assert!(text.contains("the server offers none"), "{text}");
}

#[tokio::test]
async fn bytes_before_tls_are_not_taken_for_bytes_within() {
    let with_an_ok = |greeting: &mut Vec<u8>, _: usize| {
        greeting.extend_from_slice(b"\x07\0\0\x03\0\0\0\x02\0\0\0");
    };
    let target = with_a_stranger(&target("").await, with_an_ok).await;
    let error = works(&target).await.unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error}");
}

#[tokio::test]
async fn a_large_packet_arrives_whole_through_tls() {
    let mut wire = works(&target("ssl-mode=REQUIRED").await).await.unwrap();
    wire.send(3, b"select repeat('x', 17000000)").await.unwrap();
    for _ in 0..3 {
        wire.any_packet(super::super::ANSWER_TIME_MAX)
            .await
            .unwrap();
    }
    let row = wire.packet(super::super::ANSWER_TIME_MAX).await.unwrap();
    assert_eq!(row.len(), 17_000_000 + 9);
    assert!(row[9..].iter().all(|byte| *byte == b'x'));
}
