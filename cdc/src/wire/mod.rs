//! A connection of the replication protocol: statements without a result, commands, and then packet after packet.
//!
//! `mysql_async` serves all other statements. Its binlog stream knows neither bounds on memory nor the difference between a
//! silent server and a long packet; here a packet is a slice of the one buffer that the socket filled.

mod login;
mod packets;
#[cfg(test)]
mod tests;
mod tls;

use std::time::Duration;

use mysql_async::consts::{CapabilityFlags, Command};
use mysql_common::io::ParseBuf;
use mysql_common::packets::ErrPacket;
use mysql_common::proto::MySerialize;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use self::packets::{CHUNK_BYTES_MAX, Packets};
use crate::error::Error;
use crate::target::{CONNECT_TIME_MAX, TCP_KEEPALIVE, Target};

/// How long a server may think about a statement that only sets variables, or about a login.
const ANSWER_TIME_MAX: Duration = CONNECT_TIME_MAX;
/// First bytes of a payload that is no data. Source: "Generic Response Packets" of MySQL's protocol documentation.
const OK: u8 = 0x00;
const EOF: u8 = 0xfe;
const ERR: u8 = 0xff;
/// What else begins with the byte of an EOF packet is longer.
const EOF_BYTES_MAX: usize = 8;

/// A connection that is logged in.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: Socket,
    packets: Packets,
    /// What both sides have agreed upon; nothing before the login.
    capabilities: CapabilityFlags,
}

#[derive(Debug)]
enum Socket {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Connects and logs in, with TLS as the target wants it, within [`CONNECT_TIME_MAX`].
    pub(crate) async fn connect(target: &Target) -> Result<Self, Error> {
        let connect = async {
            let stream = TcpStream::connect((target.host.as_str(), target.port))
                .await
                .map_err(Error::Io)?;
            stream.set_nodelay(true).map_err(Error::Io)?;
            let keepalive = TcpKeepalive::new().with_time(TCP_KEEPALIVE);
            SockRef::from(&stream)
                .set_tcp_keepalive(&keepalive)
                .map_err(Error::Io)?;
            // A server that wants another certificate of ours says so after the handshake.
            match Self::over(stream).log_in(target).await {
                Err(Error::Io(error)) => Err(Error::of_handshake(error)),
                Err(Error::Server { code, message }) => Err(Error::of_login(code, message)),
                outcome => outcome,
            }
        };
        timeout(CONNECT_TIME_MAX, connect)
            .await
            .unwrap_or_else(|_| Err(Error::no_answer()))
    }

    fn over(stream: TcpStream) -> Self {
        Self {
            socket: Socket::Plain(stream),
            packets: Packets::new(),
            capabilities: CapabilityFlags::empty(),
        }
    }

    /// Runs a statement that has no result set.
    pub(crate) async fn execute(&mut self, statement: &str) -> Result<(), Error> {
        self.send(Command::COM_QUERY as u8, statement.as_bytes())
            .await?;
        match self.packet(ANSWER_TIME_MAX).await?.first() {
            Some(&OK) => Ok(()),
            _ => Err(Error::Protocol("rows where none were asked for")),
        }
    }

    /// Sends a command, the beginning of a new exchange.
    pub(crate) async fn send(&mut self, command: u8, body: &[u8]) -> Result<(), Error> {
        self.packets.begin_exchange();
        let mut payload = Vec::with_capacity(1 + body.len());
        payload.push(command);
        payload.extend_from_slice(body);
        self.write(&payload).await
    }

    /// The next payload, put together when it came in several packets; it may be as large as
    /// [`PACKET_BYTES_MAX`](crate::target::PACKET_BYTES_MAX) and takes no more memory than has arrived.
    ///
    /// Cancel-safe. `silence_max` is for the time without a single byte (with TLS: without a record of at most 16 KiB), so
    /// a long packet on a slow line is no silence.
    ///
    /// # Errors
    /// [`Error::Server`] for an error packet (unsorted: [`Error::of_server`] knows the cases), [`Error::Ended`] for an EOF packet or the end of the connection,
    /// [`Error::Silence`].
    pub(crate) async fn packet(&mut self, silence_max: Duration) -> Result<&[u8], Error> {
        let capabilities = self.capabilities;
        let payload = self.any_packet(silence_max).await?;
        match payload.first() {
            Some(&ERR) => Err(server_error(payload, capabilities)),
            Some(&EOF) if payload.len() <= EOF_BYTES_MAX => Err(Error::Ended),
            _ => Ok(payload),
        }
    }

    async fn any_packet(&mut self, silence_max: Duration) -> Result<&[u8], Error> {
        match &mut self.socket {
            Socket::Plain(stream) => self.packets.next(stream, silence_max).await,
            Socket::Secure(stream) => self.packets.next(stream.as_mut(), silence_max).await,
        }
    }

    async fn write_struct(&mut self, packet: &impl MySerialize) -> Result<(), Error> {
        let mut payload = Vec::new();
        packet.serialize(&mut payload);
        self.write(&payload).await
    }

    async fn write(&mut self, payload: &[u8]) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(payload.len() + 4);
        let mut rest = payload;
        loop {
            let (chunk, tail) = rest.split_at(rest.len().min(CHUNK_BYTES_MAX));
            let [a, b, c, ..] = chunk.len().to_le_bytes();
            bytes.extend_from_slice(&[a, b, c, self.packets.sequence]);
            bytes.extend_from_slice(chunk);
            self.packets.sequence = self.packets.sequence.wrapping_add(1);
            rest = tail;
            // A full packet is continued, be it by an empty one.
            if chunk.len() < CHUNK_BYTES_MAX {
                break;
            }
        }
        match &mut self.socket {
            Socket::Plain(stream) => stream.write_all(&bytes).await,
            Socket::Secure(stream) => match stream.write_all(&bytes).await {
                Ok(()) => stream.flush().await,
                failed => failed,
            },
        }
        .map_err(Error::Io)
    }
}

fn server_error(payload: &[u8], capabilities: CapabilityFlags) -> Error {
    match ParseBuf(payload).parse::<ErrPacket<'_>>(capabilities) {
        Ok(ErrPacket::Error(error)) => Error::Server {
            code: error.error_code(),
            message: error.message_str().into_owned(),
        },
        _ => Error::Protocol("an error packet that can't be read"),
    }
}
