//! A certificate authority of one test's own, and certificates that it signed; the files are gone when the value is dropped.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// Signs certificates that only those trust who are told to.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    directory: TempDir,
}

/// A certificate and its key, as PEM files.
pub struct Certificate {
    pub file: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let directory = TempDir::new().expect("a directory for certificates");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).expect("a certificate");
        std::fs::write(directory.path().join("ca.pem"), own.pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), directory }
    }

    /// The authority's own certificate.
    pub fn file(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// A certificate for a host's name or address.
    pub fn issue(&self, host: &str) -> Certificate {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
        // With the authority's own name it would pass for one that signed itself.
        params.distinguished_name.push(DnType::CommonName, host);
        let signed = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = Certificate { file: self.path(&format!("{host}.pem")), key: self.path(&format!("{host}.key")) };
        std::fs::write(&files.file, signed.pem()).expect("a file");
        std::fs::write(&files.key, key.serialize_pem()).expect("a file");
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

impl Certificate {
    /// What makes a Redis speak TLS at this port with this certificate, trusting that authority in its turn.
    pub fn arguments(&self, port: u16, authority: &Path) -> Vec<String> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let arguments = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", path(&self.file)),
            ("--tls-key-file", path(&self.key)),
            ("--tls-ca-cert-file", path(authority)),
        ];
        arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }
}
