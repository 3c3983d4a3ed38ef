//! Packets of every size arrive whole, silence is told from slowness, and memory follows what has arrived.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep, timeout};

use super::super::packets::{CHUNK_BYTES_MAX, PROGRESS_BYTES, Packets};
use super::super::{ANSWER_TIME_MAX, Wire};
use super::target;
use crate::error::Error;

const SILENCE_MAX: Duration = Duration::from_secs(3);

/// A payload as it goes over the wire.
fn framed(payload: &[u8], sequence: &mut u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = Some(payload);
    while let Some(payload) = rest {
        let (chunk, tail) = payload.split_at(payload.len().min(CHUNK_BYTES_MAX));
        bytes.extend_from_slice(&(chunk.len() as u32).to_le_bytes()[..3]);
        bytes.push(*sequence);
        bytes.extend_from_slice(chunk);
        *sequence = sequence.wrapping_add(1);
        rest = (chunk.len() == CHUNK_BYTES_MAX).then_some(tail);
    }
    bytes
}

fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

#[tokio::test]
async fn packets_of_every_size_arrive_whole_and_in_order() {
    let chunk = CHUNK_BYTES_MAX;
    let sizes = [
        0,
        1,
        300_000,
        300_000,
        700_000,
        5,
        chunk - 1,
        7,
        chunk,
        9,
        chunk + 1,
        0,
        2 * chunk,
        600_000,
        2 * chunk + 700_000,
        3,
    ];
    let (mut peer, mut stream) = duplex(100_000);
    let sender = tokio::spawn(async move {
        let mut sequence = 0;
        for size in sizes {
            let bytes = framed(&payload(size), &mut sequence);
            peer.write_all(&bytes).await.unwrap();
        }
        peer
    });
    let mut packets = Packets::new();
    for size in sizes {
        let got = packets.next(&mut stream, SILENCE_MAX).await.unwrap();
        assert_eq!(got.len(), size);
        assert!(got == payload(size), "the content of {size} bytes");
    }
    drop(sender.await.unwrap());
    let end = packets.next(&mut stream, SILENCE_MAX).await;
    assert!(matches!(end, Err(Error::Ended)), "{end:?}");
}

#[tokio::test]
async fn a_row_of_forty_megabytes_arrives_whole_from_a_server() {
    let mut wire = Wire::connect(&target("").await).await.unwrap();
    let statement = "select repeat('x', 40000000)";
    wire.send(3, statement.as_bytes()).await.unwrap();
    // The number of columns, the column, the end of the columns, the row.
    for _ in 0..3 {
        wire.any_packet(ANSWER_TIME_MAX).await.unwrap();
    }
    let row = wire.packet(ANSWER_TIME_MAX).await.unwrap();
    assert_eq!(row.len(), 40_000_000 + 9);
    assert!(row[9..].iter().all(|byte| *byte == b'x'));
    let end = wire.packet(ANSWER_TIME_MAX).await;
    assert!(matches!(end, Err(Error::Ended)), "{end:?}");
    wire.execute("do 1").await.unwrap();
    let error = wire.execute("select 1 from nowhere.nothing").await;
    assert!(
        matches!(
            error,
            Err(Error::Server {
                code: 1049 | 1146,
                ..
            })
        ),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stalls_is_silent_and_one_that_drips_is_not() {
    let (mut peer, mut stream) = duplex(10_000);
    let bytes = framed(&payload(5_000), &mut 0);
    let dripping = tokio::spawn(async move {
        for part in bytes.chunks(PROGRESS_BYTES) {
            sleep(SILENCE_MAX - Duration::from_millis(1)).await;
            peer.write_all(part).await.unwrap();
        }
        // The beginning of another.
        peer.write_all(&[50, 0]).await.unwrap();
        peer
    });
    let mut packets = Packets::new();
    let whole = packets.next(&mut stream, SILENCE_MAX).await.unwrap();
    assert_eq!(whole, payload(5_000));
    let _peer: DuplexStream = dripping.await.unwrap();
    let stalled = Instant::now();
    let silence = packets.next(&mut stream, SILENCE_MAX).await;
    assert!(
        matches!(silence, Err(Error::Silence { seconds: 3 })),
        "{silence:?}"
    );
    assert_eq!(stalled.elapsed(), SILENCE_MAX);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_do_not_keep_a_packet_alive_whose_length_was_damaged() {
    let (mut peer, mut stream) = duplex(10_000);
    peer.write_all(&[50, 0, 0x80, 0]).await.unwrap();
    tokio::spawn(async move {
        loop {
            sleep(SILENCE_MAX / 3).await;
            peer.write_all(&framed(&payload(43), &mut 0)).await.unwrap();
        }
    });
    let mut packets = Packets::new();
    let started = Instant::now();
    let silence = loop {
        let read = packets.next(&mut stream, SILENCE_MAX);
        // Giving up in between does not begin the wait anew.
        if let Ok(result) = timeout(SILENCE_MAX / 5, read).await {
            break result.map(<[u8]>::len);
        }
    };
    assert!(matches!(silence, Err(Error::Silence { .. })), "{silence:?}");
    assert!(started.elapsed() <= SILENCE_MAX + Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_was_given_up_is_taken_up_again() {
    let (mut peer, mut stream) = duplex(CHUNK_BYTES_MAX);
    let expected = payload(CHUNK_BYTES_MAX + 100);
    let bytes = framed(&expected, &mut 0);
    let mut packets = Packets::new();
    for part in bytes.chunks(3_000_000) {
        let read = packets.next(&mut stream, SILENCE_MAX);
        let given_up = timeout(Duration::from_millis(1), read).await;
        assert!(given_up.is_err());
        peer.write_all(part).await.unwrap();
    }
    let whole = packets.next(&mut stream, SILENCE_MAX).await.unwrap();
    assert!(whole == expected);
}

#[tokio::test]
async fn memory_follows_what_has_arrived_and_shrinks_after_a_giant() {
    let (mut peer, mut stream) = duplex(CHUNK_BYTES_MAX);
    let mut packets = Packets::new();
    let usual = packets.capacity();
    let giant = framed(&payload(10_000_000), &mut 0);
    let (begin, rest) = giant.split_at(2_000_000);
    peer.write_all(begin).await.unwrap();
    let silence = packets.next(&mut stream, Duration::ZERO).await;
    assert!(matches!(silence, Err(Error::Silence { .. })), "{silence:?}");
    assert!(packets.capacity() <= 4_000_000, "{}", packets.capacity());
    peer.write_all(rest).await.unwrap();
    packets.next(&mut stream, SILENCE_MAX).await.unwrap();
    let small = framed(b"small", &mut 1);
    peer.write_all(&small).await.unwrap();
    packets.next(&mut stream, SILENCE_MAX).await.unwrap();
    assert_eq!(packets.capacity(), usual);
}

#[tokio::test]
async fn a_missing_packet_is_noticed() {
    let (mut peer, mut stream) = duplex(1_000);
    peer.write_all(&framed(b"x", &mut 7)).await.unwrap();
    let missing = Packets::new().next(&mut stream, SILENCE_MAX).await.err();
    assert!(matches!(missing, Some(Error::Protocol(_))), "{missing:?}");
}
