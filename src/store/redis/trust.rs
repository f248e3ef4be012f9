//! TLS towards Redis: whom we trust, and who we are. The files are read and tried once, at the start; certificates are always
//! checked, and there is no way around it.

use std::path::Path;

use redis::{ClientTlsConfig, TlsCertificates};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates for TLS. By default the system's authorities are trusted, and we show no certificate of our own.
#[derive(Clone, Default)]
pub struct Trust {
    authorities: Option<Vec<u8>>,
    certificate: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

/// What is in the files stays hidden.
impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust")
            .field("authorities", &self.authorities.is_some())
            .field("certificate", &self.certificate.is_some())
            .finish_non_exhaustive()
    }
}

impl Trust {
    /// Trusts only the authorities in a PEM file, in place of the system's.
    ///
    /// # Errors
    /// What is wrong with the file, to be read after its name.
    pub fn with_authorities(mut self, file: &Path) -> Result<Self, String> {
        let text = read(file)?;
        let certificates = certificates(&text)?;
        let mut roots = rustls::RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate).map_err(|error| format!("has a certificate that is no authority's ({error})"))?;
        }
        self.authorities = Some(text);
        Ok(self)
    }

    /// Shows the certificate in a PEM file, with the key in another.
    ///
    /// # Errors
    /// What is wrong with the files, to be read after the first one's name.
    pub fn with_certificate(mut self, file: &Path, key: &Path) -> Result<Self, String> {
        let (certificate, key) = (read(file)?, read(key).map_err(|wrong| format!("has a key that {wrong}"))?);
        let private = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| "has a key whose file holds none in PEM form".to_owned())?;
        let tried = rustls::ClientConfig::builder_with_provider(provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_client_auth_cert(certificates(&certificate)?, private);
        tried.map_err(|error| format!("does not fit its key ({error})"))?;
        (self.certificate, self.key) = (Some(certificate), Some(key));
        Ok(self)
    }

    /// The same for the client library.
    pub(super) fn certificates(&self) -> TlsCertificates {
        let client_tls = self.certificate.clone().zip(self.key.clone());
        let client_tls = client_tls.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key });
        TlsCertificates { client_tls, root_cert: self.authorities.clone() }
    }
}

/// What an operator may do about an error of a connection, where it is about certificates.
pub(super) fn advice(error: &str) -> Option<&'static str> {
    [
        (
            "UnknownIssuer",
            "nobody who is trusted has signed the server's certificate: name the authority's in SEATCAST_REDIS_CA_FILE",
        ),
        (
            "BadSignature",
            "another authority of the same name has signed the server's certificate: name the right one in SEATCAST_REDIS_CA_FILE",
        ),
        (
            "not valid for name",
            "the server's certificate is for other names than the one in SEATCAST_STORE: use one of them, or issue one that \
             has it (with Sentinel: each server's address, as the sentinels give it)",
        ),
        ("certificate expired", "the server's certificate has run out, or this machine's clock is wrong"),
        ("not valid yet", "the server's certificate is not valid yet, or this machine's clock is wrong"),
        (
            "CertificateRequired",
            "the server wants to see a certificate: name one in SEATCAST_REDIS_CERT_FILE, and its key in SEATCAST_REDIS_KEY_FILE",
        ),
        ("UnknownCA", "the server does not trust whoever signed the certificate in SEATCAST_REDIS_CERT_FILE"),
    ]
    .into_iter()
    .find(|(word, _)| error.contains(word))
    .map(|(_, advice)| advice)
}

/// What may be wrong with a server that does not even begin with TLS: it takes what it is sent for half a command, and waits.
pub(super) const NO_HANDSHAKE: &str = "does the server speak TLS at this port? If not, use its tls-port";

/// Has the whole process use one implementation of cryptography. To say so again changes nothing.
pub(super) fn install_provider() {
    let _ = provider().install_default();
}

fn provider() -> rustls::crypto::CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("cannot be read: {error}"))
}

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err("holds no certificate in PEM form".into()),
    }
}
