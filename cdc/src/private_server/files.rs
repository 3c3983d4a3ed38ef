//! The small files beside the data: locks, the password, the port.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tracing::warn;

use super::Error;

/// The password of this data directory, made at its first start. Only its owner can read the file.
pub(super) fn own_password(directory: &Path) -> Result<String, Error> {
    remembered(&directory.join("password"), || {
        let bytes: [u8; 16] = rand::random();
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    })
}

/// The port of this data directory: a free one of the loopback interface at the first start, the same ever after unless
/// somebody else has taken it while our server was down.
pub(super) fn own_port(directory: &Path, is_running: bool) -> Result<u16, Error> {
    let path = directory.join("port");
    let free_port = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(listener.local_addr()?.port().to_string())
    };
    let parse = |text: String| -> Result<u16, Error> {
        text.trim()
            .parse()
            .map_err(|error| file("read", &path)(io::Error::new(io::ErrorKind::InvalidData, error)))
    };
    let port = parse(remembered(&path, free_port)?)?;
    if is_running || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
        return Ok(port);
    }
    warn!(port, "the private server's port is taken; taking another");
    fs::remove_file(&path).map_err(file("remove", &path))?;
    parse(remembered(&path, free_port)?)
}

/// Reads a small file, or makes it; of several processes that make it at once all get the same content.
fn remembered(path: &Path, make: impl Fn() -> io::Result<String>) -> Result<String, Error> {
    let lock = lock_file(&path.with_extension("lock"))?;
    lock.lock().map_err(file("lock", path))?;
    if !path.exists() {
        let new = path.with_extension("new");
        write_private(&new, &make().map_err(file("make", path))?)?;
        fs::rename(&new, path).map_err(file("make", path))?;
    }
    fs::read_to_string(path).map_err(file("read", path))
}

pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .map_err(file("write", path))
}

pub(super) fn lock_file(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(file("open", path))
}

/// Waits for a file lock on a thread that may block.
pub(super) async fn blocking_lock(
    lock: File,
    directory: &Path,
    take: fn(&File) -> io::Result<()>,
) -> Result<File, Error> {
    let directory = directory.to_owned();
    let taken = tokio::task::spawn_blocking(move || take(&lock).map(|()| lock))
        .await
        .unwrap_or_else(|panic| Err(io::Error::other(panic)));
    taken.map_err(file("lock", &directory))
}

pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File {
        action,
        path,
        source,
    }
}
