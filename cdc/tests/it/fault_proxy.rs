//! The proxy that tests use: each of its faults is exactly the fault it says.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use cdc::fault_proxy::{Direction, Ending, Fault, FaultProxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Long enough for something that is on its way on the loopback interface to arrive.
const MOMENT: Duration = Duration::from_millis(200);
const TEXT: &[u8] = b"0123456789";

/// A server that sends everything back, before it a proxy; the receiver gets a message when the server sees the end of
/// a connection.
async fn echo() -> (FaultProxy, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("echo://{}", listener.local_addr().unwrap());
    let (ended, ends) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let ended = ended.clone();
            tokio::spawn(async move {
                let (mut from, mut to) = socket.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = ended.send(());
            });
        }
    });
    (FaultProxy::before(&url).await.unwrap(), ends)
}

async fn connect(proxy: &FaultProxy) -> TcpStream {
    let url = proxy.url("echo://host:1");
    TcpStream::connect(url.trim_start_matches("echo://"))
        .await
        .unwrap()
}

/// Sends the text and reads as much.
async fn repeat(client: &mut TcpStream) -> Vec<u8> {
    client.write_all(TEXT).await.unwrap();
    let mut heard = vec![0; TEXT.len()];
    client.read_exact(&mut heard).await.unwrap();
    heard
}

async fn hears_nothing(client: &mut TcpStream) -> bool {
    timeout(MOMENT, client.read_u8()).await.is_err()
}

#[tokio::test]
async fn without_a_fault_everything_gets_through_and_is_counted() {
    let (proxy, mut ends) = echo().await;
    let mut client = connect(&proxy).await;
    assert_eq!(repeat(&mut client).await, TEXT);
    assert_eq!(repeat(&mut connect(&proxy).await).await, TEXT);
    let counts = proxy.counts();
    assert_eq!(
        (
            counts.connections,
            counts.to_server_bytes,
            counts.to_client_bytes
        ),
        (2, 20, 20)
    );
    ends.recv().await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(client.read_to_end(&mut Vec::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_address_in_a_url_is_the_proxys_and_the_rest_stays() {
    let (proxy, _ends) = echo().await;
    let address = proxy
        .url("echo://h:1")
        .trim_start_matches("echo://")
        .to_owned();
    for (url, expected) in [
        ("mysql://u:p@h:3306/d", format!("mysql://u:p@{address}/d")),
        (
            "mysql://u@h/d?x=a@b",
            format!("mysql://u@{address}/d?x=a@b"),
        ),
        ("nats://h:4222", format!("nats://{address}")),
        ("h:4222", address.clone()),
    ] {
        assert_eq!(proxy.url(url), expected);
    }
}

#[tokio::test]
async fn a_cut_lets_exactly_so_many_bytes_through_and_happens_once() {
    let (proxy, mut ends) = echo().await;
    for ending in [Ending::Fin, Ending::Rst] {
        let mut client = connect(&proxy).await;
        assert_eq!(repeat(&mut client).await, TEXT);
        proxy.set(
            Direction::ToClient,
            Fault::Cut {
                after_bytes: 13,
                ending,
            },
        );
        assert_eq!(repeat(&mut client).await, TEXT);
        client.write_all(TEXT).await.unwrap();
        let mut heard = Vec::new();
        let end = client.read_to_end(&mut heard).await;
        match ending {
            Ending::Fin => assert_eq!((end.unwrap(), &heard[..]), (3, &TEXT[..3])),
            // What a reset overtakes is lost.
            Ending::Rst => assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset),
        }
        ends.recv().await.unwrap();
    }
    assert_eq!(repeat(&mut connect(&proxy).await).await, TEXT);
}

#[tokio::test]
async fn every_open_connection_can_be_cut_at_once() {
    let (proxy, _ends) = echo().await;
    let (mut first, mut second) = (connect(&proxy).await, connect(&proxy).await);
    for client in [&mut first, &mut second] {
        assert_eq!(repeat(client).await, TEXT);
    }
    proxy.cut(Ending::Fin);
    for client in [&mut first, &mut second] {
        assert_eq!(client.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_is_stalled_follows_when_the_fault_is_gone() {
    let (proxy, _ends) = echo().await;
    let mut client = connect(&proxy).await;
    for direction in [Direction::ToServer, Direction::ToClient] {
        proxy.set(direction, Fault::Stall);
        client.write_all(TEXT).await.unwrap();
        assert!(hears_nothing(&mut client).await);
        proxy.heal();
        let mut heard = vec![0; TEXT.len()];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, TEXT);
    }
    proxy.set(Direction::ToServer, Fault::Stall);
    client.write_all(TEXT).await.unwrap();
    assert!(hears_nothing(&mut client).await);
    proxy.cut(Ending::Rst);
    let error = client.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_half_open_connection_has_ended_for_the_server_alone() {
    let (proxy, mut ends) = echo().await;
    let mut client = connect(&proxy).await;
    assert_eq!(repeat(&mut client).await, TEXT);
    proxy.half_open();
    ends.recv().await.unwrap();
    client.write_all(TEXT).await.unwrap();
    assert!(hears_nothing(&mut client).await);
    assert_eq!(repeat(&mut connect(&proxy).await).await, TEXT);
}

#[tokio::test]
async fn one_bit_of_one_byte_is_flipped() {
    let (proxy, _ends) = echo().await;
    let mut client = connect(&proxy).await;
    assert_eq!(repeat(&mut client).await, TEXT);
    proxy.set(Direction::ToClient, Fault::FlipBit { byte: 12, bit: 6 });
    assert_eq!(repeat(&mut client).await, TEXT);
    assert_eq!(repeat(&mut client).await, b"01r3456789");
    assert_eq!(repeat(&mut client).await, TEXT);
}

#[tokio::test]
async fn a_delay_makes_everything_late() {
    let (proxy, _ends) = echo().await;
    let mut client = connect(&proxy).await;
    proxy.set(Direction::ToServer, Fault::Delay(MOMENT));
    let started = Instant::now();
    assert_eq!(repeat(&mut client).await, TEXT);
    assert!(started.elapsed() >= MOMENT);
}

/// On a clock that goes only where the proxy waits, so that the time is exactly the fault's.
#[tokio::test(start_paused = true)]
async fn a_slow_line_counts_bytes_not_reads_and_is_slow_for_so_many() {
    let (proxy, _ends) = echo().await;
    let mut client = connect(&proxy).await;
    let slow = Fault::Slow {
        bytes: 15,
        time: 3 * MOMENT,
    };
    proxy.set(Direction::ToServer, slow);
    let started = tokio::time::Instant::now();
    assert_eq!(repeat(&mut client).await, TEXT);
    assert_eq!(started.elapsed(), 2 * MOMENT);
    for byte in TEXT {
        client.write_u8(*byte).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), *byte);
    }
    assert_eq!(started.elapsed(), 3 * MOMENT);
}

#[tokio::test]
async fn new_connections_can_be_refused_while_open_ones_go_on() {
    let (proxy, _ends) = echo().await;
    let mut open = connect(&proxy).await;
    assert_eq!(repeat(&mut open).await, TEXT);
    proxy.refuse();
    let error = connect(&proxy).await.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(repeat(&mut open).await, TEXT);
    proxy.heal();
    assert_eq!(repeat(&mut connect(&proxy).await).await, TEXT);
}
