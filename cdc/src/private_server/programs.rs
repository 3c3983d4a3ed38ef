//! Where MariaDB's programs are on this machine.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::Error;

/// Where MariaDB's programs are: the system's, or unpacked below the data directory's parent by `make mariadb`.
pub(super) struct Programs {
    /// The installation's root, such as `/usr`.
    pub(super) base: PathBuf,
}

impl Programs {
    pub(super) fn find(directory: &Path) -> Option<Self> {
        let unpacked = directory.parent().map(|parent| parent.join("mariadb/usr"));
        [
            Some(PathBuf::from("/usr")),
            Some(PathBuf::from("/usr/local")),
            unpacked,
        ]
        .into_iter()
        .flatten()
        .map(|base| Self { base })
        .find(|programs| programs.server().exists())
    }

    pub(super) fn server(&self) -> PathBuf {
        self.base.join("sbin/mariadbd")
    }

    /// A program of `bin/`, which finds its libraries when MariaDB was only unpacked.
    pub(super) fn command(&self, name: &str) -> Result<Command, Error> {
        let program = self.base.join("bin").join(name);
        if !program.exists() {
            return Err(Error::NotInstalled);
        }
        let mut command = Command::new(program);
        self.with_libraries(&mut command);
        Ok(command)
    }

    pub(super) fn shell(&self) -> Command {
        let mut command = Command::new("/bin/sh");
        self.with_libraries(&mut command);
        command
    }

    fn with_libraries(&self, command: &mut Command) {
        if self.base == Path::new("/usr") {
            return;
        }
        let lib = self.base.join("lib");
        let paths: Vec<_> = fs::read_dir(&lib)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .chain([lib.clone()])
            .map(|path| path.display().to_string())
            .collect();
        command.env("LD_LIBRARY_PATH", paths.join(":"));
    }
}

/// `mariadbd` refuses to run as root unless it is told so by name.
pub(super) fn user_argument() -> Option<String> {
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").ok()?);
    (owner == 0).then(|| "--user=root".to_owned())
}
