//! TLS as the URL's `ssl-mode` asks for it.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};

use crate::error::Error;
use crate::target::{SslMode, Target, read_pem};

/// The handshake, on a connection whose server has just been told that it comes.
pub(super) async fn secure(
    stream: TcpStream,
    target: &Target,
) -> Result<TlsStream<TcpStream>, Error> {
    let config = client_config(target).await?;
    let name = ServerName::try_from(target.host.clone()).map_err(Error::tls)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(Error::of_handshake)
}

async fn client_config(target: &Target) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Error::tls)?;
    let builder = match target.ssl_mode {
        SslMode::VerifyIdentity => builder.with_root_certificates(authorities(target).await?),
        mode => {
            let authorities = match mode {
                SslMode::VerifyCa => Some(authorities(target).await?),
                _ => None,
            };
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Nameless {
                    authorities,
                    provider,
                }))
        }
    };
    let Some(identity) = &target.identity else {
        return Ok(builder.with_no_client_auth());
    };
    let certificates = read_pem(&identity.certificate).await?;
    let certificates = CertificateDer::pem_slice_iter(&certificates).collect::<Result<_, _>>();
    let key = PrivateKeyDer::from_pem_slice(&read_pem(&identity.key).await?);
    let in_file =
        |path: &std::path::Path, error| Error::tls(format!("{}: {error}", path.display()));
    builder
        .with_client_auth_cert(
            certificates.map_err(|error| in_file(&identity.certificate, error))?,
            key.map_err(|error| in_file(&identity.key, error))?,
        )
        .map_err(Error::tls)
}

/// Those of `ssl-ca` and no others; without it those that browsers trust.
async fn authorities(target: &Target) -> Result<RootCertStore, Error> {
    let Some(path) = &target.ssl_ca else {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    };
    let refused = |error: String| Error::tls(format!("{}: {error}", path.display()));
    let pem = read_pem(path).await?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        store
            .add(certificate)
            .map_err(|error| refused(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(refused("no certificate in PEM".to_owned()));
    }
    Ok(store)
}

/// Does not ask for the host's name; nor, without authorities, who made the certificate. That the server holds the
/// certificate's key is always proven.
#[derive(Debug)]
struct Nameless {
    authorities: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Nameless {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if let Some(authorities) = &self.authorities {
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(certificate)?,
                authorities,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
