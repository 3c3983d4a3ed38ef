//! Where the servers' programs are on this machine, and how they are called.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::Error;
use crate::server::Flavour;

/// An installation of MariaDB or MySQL: the system's, or one that was unpacked below the home directory.
pub(super) struct Programs {
    pub(super) flavour: Flavour,
    /// Its root, such as `/usr`.
    pub(super) base: PathBuf,
}

impl Programs {
    pub(super) fn find(flavour: Flavour, directory: &Path) -> Result<Self, Error> {
        let mut bases = Vec::new();
        // MySQL is always the one that `make mysql` unpacks, with the data directory to copy beside it.
        if flavour == Flavour::MariaDb {
            bases.extend([PathBuf::from("/usr"), PathBuf::from("/usr/local")]);
        }
        let unpacked = match flavour {
            Flavour::MariaDb => "mariadb/usr",
            Flavour::MySql => "mysql-root/usr",
        };
        bases.extend(homes(directory).map(|home| home.join(unpacked)));
        bases
            .into_iter()
            .map(|base| Self { flavour, base })
            .find(|programs| programs.server().exists())
            .ok_or(Error::NotInstalled(flavour))
    }

    pub(super) fn server(&self) -> PathBuf {
        self.base.join(match self.flavour {
            Flavour::MariaDb => "sbin/mariadbd",
            Flavour::MySql => "sbin/mysqld",
        })
    }

    /// The program and the arguments that come before the server's own.
    pub(super) fn server_command(&self) -> Result<Vec<String>, Error> {
        let server = self.server().display().to_string();
        if self.flavour == Flavour::MariaDb {
            return Ok(vec![server]);
        }
        // Another Debian's program finds neither its C library nor any other by itself; its loader does, without chroot.
        let loader = directories(&self.base.join("lib"))
            .flat_map(|directory| entries(&directory))
            .find(|path| name_of(path).is_some_and(|name| name.starts_with("ld-linux-")))
            .ok_or(Error::NotInstalled(self.flavour))?;
        let libraries = loader.parent().unwrap_or(&self.base);
        Ok(vec![
            loader.display().to_string(),
            "--library-path".to_owned(),
            libraries.display().to_string(),
            server,
        ])
    }

    /// `mariadb-install-db`, which finds its libraries when MariaDB was only unpacked.
    pub(super) fn install_db(&self) -> Result<Command, Error> {
        let program = self.base.join("bin/mariadb-install-db");
        if !program.exists() {
            return Err(Error::NotInstalled(self.flavour));
        }
        let mut command = Command::new(program);
        self.with_libraries(&mut command);
        Ok(command)
    }

    /// The empty data directory that `make mysql` has made.
    pub(super) fn pristine_data(&self) -> PathBuf {
        self.base.with_file_name("pristine")
    }

    pub(super) fn shell(&self) -> Command {
        let mut command = Command::new("/bin/sh");
        self.with_libraries(&mut command);
        command
    }

    fn with_libraries(&self, command: &mut Command) {
        // The system's own needs no help, MySQL has its loader, and the shell is the system's.
        if self.base == Path::new("/usr") || self.flavour == Flavour::MySql {
            return;
        }
        let lib = self.base.join("lib");
        let paths: Vec<_> = directories(&lib)
            .chain([lib.clone()])
            .map(|path| path.display().to_string())
            .collect();
        command.env("LD_LIBRARY_PATH", paths.join(":"));
    }
}

/// Where `make` unpacks: the home directory beside the server's own, or for tests, which live elsewhere, the nearest
/// `.jinmaek` from the current directory upwards.
fn homes(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let current = std::env::current_dir().unwrap_or_default();
    let above: Vec<_> = current
        .ancestors()
        .map(|ancestor| ancestor.join(".jinmaek"))
        .collect();
    directory
        .parent()
        .map(Path::to_owned)
        .into_iter()
        .chain(above)
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

fn directories(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(directory).filter(|path| path.is_dir())
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// Both servers refuse to run as root unless they are told so by name.
pub(super) fn user_argument() -> Option<String> {
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").ok()?);
    (owner == 0).then(|| "--user=root".to_owned())
}
