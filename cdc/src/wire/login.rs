//! The connection phase: the server's greeting, TLS, and the proof that we know the password.
//!
//! Source: "Connection Phase" of MySQL's protocol documentation, "Connection Handshake" of MariaDB's.

use mysql_async::consts::CapabilityFlags;
use mysql_common::collations::CollationId;
use mysql_common::crypto;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{
    AuthPlugin, AuthSwitchRequest, HandshakePacket, HandshakeResponse, SslRequest,
};

use super::{ANSWER_TIME_MAX, EOF, ERR, OK, Socket, Wire, server_error, tls};
use crate::error::Error;
use crate::target::{PACKET_BYTES_MAX, SslMode, Target};

/// First byte of what an authentication plugin adds, and the second byte of `caching_sha2_password`'s.
const MORE: u8 = 0x01;
const SHA2_KNOWN: u8 = 0x03;
const SHA2_UNKNOWN: u8 = 0x04;
/// Asks `caching_sha2_password` for the server's RSA key.
const SHA2_KEY_PLEASE: u8 = 0x02;
/// The nonce of `ed25519`; `mysql_common` takes a last byte of zero for a terminator.
const ED25519_NONCE_BYTES: usize = 32;

/// What both sides need to prove and to check the password.
struct Proof {
    plugin: AuthPlugin<'static>,
    nonce: Vec<u8>,
}

impl Wire {
    pub(super) async fn log_in(mut self, target: &Target) -> Result<Self, Error> {
        let greeting = self.any_packet(ANSWER_TIME_MAX).await?;
        if greeting.first() == Some(&ERR) {
            return Err(server_error(greeting, CapabilityFlags::empty()));
        }
        let greeting: HandshakePacket<'_> = ParseBuf(greeting)
            .parse(())
            .map_err(|_| Error::Protocol("a greeting that can't be read"))?;
        let offered = greeting.capabilities();
        let version = greeting.maria_db_server_version_parsed();
        let version = version.or_else(|| greeting.server_version_parsed());
        let mut proof = Proof {
            // Every other plugin comes by a request to switch.
            plugin: match greeting.auth_plugin() {
                Some(AuthPlugin::CachingSha2Password) => AuthPlugin::CachingSha2Password,
                _ => AuthPlugin::MysqlNativePassword,
            },
            nonce: greeting.nonce(),
        };
        if !offered.contains(CapabilityFlags::CLIENT_PROTOCOL_41) {
            return Err(Error::Protocol("a server older than MySQL 4.1"));
        }
        let mut wanted = CapabilityFlags::CLIENT_PROTOCOL_41
            | CapabilityFlags::CLIENT_SECURE_CONNECTION
            | CapabilityFlags::CLIENT_LONG_PASSWORD
            | CapabilityFlags::CLIENT_LONG_FLAG
            | CapabilityFlags::CLIENT_TRANSACTIONS
            | CapabilityFlags::CLIENT_PLUGIN_AUTH
            | CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA;
        if !target.database.is_empty() {
            wanted |= CapabilityFlags::CLIENT_CONNECT_WITH_DB;
        }
        let can_secure = offered.contains(CapabilityFlags::CLIENT_SSL);
        if can_secure && target.ssl_mode != SslMode::Disabled {
            wanted |= CapabilityFlags::CLIENT_SSL;
        } else if target.ssl_mode >= SslMode::Required {
            return Err(Error::tls("the server offers none"));
        }
        self.capabilities = offered & wanted;
        if wanted.contains(CapabilityFlags::CLIENT_SSL) {
            self = self.secured(target).await?;
        }
        self.answer_greeting(target, &proof, version.unwrap_or_default())
            .await?;
        self.authenticate(target, &mut proof).await?;
        Ok(self)
    }

    async fn secured(mut self, target: &Target) -> Result<Self, Error> {
        let request = SslRequest::new(
            self.capabilities,
            PACKET_BYTES_MAX as u32,
            CollationId::UTF8MB4_GENERAL_CI as u8,
        );
        self.write_struct(&request).await?;
        // Somebody on the way could have put them there, to be taken for the server's once TLS is up.
        if self.packets.has_more() {
            return Err(Error::Protocol("bytes between the greeting and TLS"));
        }
        if let Socket::Plain(stream) = self.socket {
            let stream = tls::secure(stream, target).await?;
            self.socket = Socket::Secure(Box::new(stream));
        }
        Ok(self)
    }

    async fn answer_greeting(
        &mut self,
        target: &Target,
        proof: &Proof,
        version: (u16, u16, u16),
    ) -> Result<(), Error> {
        let scramble = proof.plugin.gen_data(Some(&target.password), &proof.nonce);
        let response = HandshakeResponse::new(
            scramble.as_deref(),
            version,
            Some(target.user.as_bytes()),
            (!target.database.is_empty()).then_some(target.database.as_bytes()),
            Some(proof.plugin.clone()),
            self.capabilities,
            None,
            PACKET_BYTES_MAX as u32,
        );
        self.write_struct(&response).await
    }

    /// Until the server says OK.
    async fn authenticate(&mut self, target: &Target, proof: &mut Proof) -> Result<(), Error> {
        let mut is_switched = false;
        loop {
            let capabilities = self.capabilities;
            let packet = self.any_packet(ANSWER_TIME_MAX).await?;
            match *packet {
                [OK, ..] => return Ok(()),
                [ERR, ..] => return Err(server_error(packet, capabilities)),
                [EOF] => return Err(Error::auth_plugin("mysql_old_password")),
                [EOF, ..] if !is_switched => {
                    is_switched = true;
                    *proof = Proof::of_switch(packet)?;
                    self.prove(target, proof).await?;
                }
                [MORE, more] if proof.plugin == AuthPlugin::CachingSha2Password => match more {
                    SHA2_KNOWN => {}
                    SHA2_UNKNOWN => self.tell_password(target, &proof.nonce).await?,
                    _ => return Err(Error::Protocol("an unknown step of caching_sha2_password")),
                },
                _ => return Err(Error::Protocol("an unknown step of the login")),
            }
        }
    }

    /// Answers a request to switch the plugin.
    async fn prove(&mut self, target: &Target, proof: &Proof) -> Result<(), Error> {
        let is_known = match &proof.plugin {
            AuthPlugin::MysqlNativePassword
            | AuthPlugin::CachingSha2Password
            | AuthPlugin::Ed25519 => true,
            // The password as it is: only for a server that has proven who it is.
            AuthPlugin::MysqlClearPassword => {
                target.verifies() && matches!(self.socket, Socket::Secure(_))
            }
            _ => false,
        };
        if !is_known {
            let name = String::from_utf8_lossy(proof.plugin.as_bytes());
            return Err(Error::auth_plugin(&name));
        }
        match proof.plugin.gen_data(Some(&target.password), &proof.nonce) {
            Some(answer) => self.write_struct(&answer).await,
            None => self.write(&[]).await,
        }
    }

    /// The first login since the server's start with `caching_sha2_password`: the server wants the password itself.
    async fn tell_password(&mut self, target: &Target, nonce: &[u8]) -> Result<(), Error> {
        let mut password = target.password.clone().into_bytes();
        password.push(0);
        if let Socket::Secure(_) = self.socket {
            return self.write(&password).await;
        }
        self.write(&[SHA2_KEY_PLEASE]).await?;
        let capabilities = self.capabilities;
        let key = match self.any_packet(ANSWER_TIME_MAX).await? {
            [MORE, key @ ..] => key.to_vec(),
            packet @ [ERR, ..] => return Err(server_error(packet, capabilities)),
            _ => return Err(Error::Protocol("no RSA key where one was asked for")),
        };
        for (byte, mask) in password.iter_mut().zip(nonce.iter().cycle()) {
            *byte ^= mask;
        }
        // `encrypt` panics at a key that is none and at a password that is longer than the key; so on a thread of its own,
        // where the panic becomes an error.
        let secret = tokio::task::spawn_blocking(move || crypto::encrypt(&password, &key))
            .await
            .map_err(|_| Error::Protocol("an RSA key that can't encrypt the password"))?;
        self.write(&secret).await
    }
}

impl Proof {
    fn of_switch(packet: &[u8]) -> Result<Self, Error> {
        let request: AuthSwitchRequest<'_> = ParseBuf(packet)
            .parse(())
            .map_err(|_| Error::Protocol("a request to switch the plugin that can't be read"))?;
        let plugin = request.auth_plugin().into_owned();
        let mut nonce = request.plugin_data().to_vec();
        if plugin == AuthPlugin::Ed25519 {
            nonce.resize(ED25519_NONCE_BYTES, 0);
        }
        Ok(Self { plugin, nonce })
    }
}
