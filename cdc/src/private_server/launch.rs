//! Making the data directory and starting the server with its watchdog.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;
use tracing::debug;

use super::files::{file, write_private};
use super::programs::{Programs, user_argument};
use super::{Error, LOG, PrivateServer, USER, end_of};
use crate::server::Flavour;

/// How long the watchdog shell may take to start the server.
const SHELL_SECONDS_MAX: Duration = Duration::from_secs(5);

/// `$1` is the lock file, `$2` the file for the process id, the rest the server's command line. The shell holds the exclusive lock until the server has
/// ended, so that whoever comes next waits for a clean stop. It stops the server by signalling its own process group,
/// in which there are only the two: the number of a server that died long ago may be another program's by now, the group's
/// can't be as long as the shell lives. A MySQL whose directory is removed while it stops would never end, and fill the disk
/// with its complaints; it is killed.
const WATCHDOG: &str = r#"
lock=$1; pid=$2; shift 2
trap : TERM
"$@" & server=$!
echo "$server" >"$pid.new" && mv "$pid.new" "$pid"
exec 9<"$lock"
flock --exclusive 9
kill -TERM 0
while sleep 1; do [ -e "$lock" ] || kill -KILL 0; done &
wait "$server"
kill -KILL 0
"#;

impl PrivateServer {
    /// Makes the data directory once. A half-made one of a process that was killed is thrown away.
    pub(super) async fn install(&self, programs: &Programs) -> Result<(), Error> {
        let data = self.directory().join("data");
        if data.exists() {
            return Ok(());
        }
        let new_data = self.directory().join("data.new");
        if new_data.exists() {
            fs::remove_dir_all(&new_data).map_err(file("remove", &new_data))?;
        }
        // Of its own: a server that starts sweeps the temporary tables of all others out of a shared one.
        let temporary = self.directory().join("tmp");
        fs::create_dir_all(&temporary).map_err(file("make", &temporary))?;
        let mut command = match programs.flavour {
            Flavour::MariaDb => {
                let mut command = programs.install_db()?;
                command
                    .env("TMPDIR", &temporary)
                    .arg("--no-defaults")
                    .arg(format!("--basedir={}", programs.base.display()))
                    .arg(format!("--datadir={}", new_data.display()))
                    .args([
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--skip-name-resolve",
                        "--force",
                    ])
                    .args(user_argument());
                command
            }
            // MySQL takes seconds to make one, so `make mysql` has made one for all.
            Flavour::MySql => {
                let mut command = Command::new("cp");
                command
                    .args(["--recursive", "--reflink=auto"])
                    .args([programs.pristine_data(), new_data.clone()]);
                command
            }
        };
        let output = command.output().await.map_err(|source| Error::Run {
            program: command.as_std().get_program().into(),
            source,
        })?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            return Err(Error::Install {
                data: new_data,
                output: end_of(&String::from_utf8_lossy(&text)),
            });
        }
        fs::rename(&new_data, &data).map_err(file("make", &data))
    }

    /// Starts the server and its watchdog in a process group of their own, so that Ctrl-C reaches only us.
    pub(super) fn spawn(&self, programs: &Programs) -> Result<(), Error> {
        let directory = self.directory();
        let init = directory.join("init.sql");
        write_private(&init, &self.init_statements())?;
        let log = directory.join(LOG);
        let log_file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(file("open", &log))?;
        let log_file_too = log_file.try_clone().map_err(file("open", &log))?;
        let mut command = programs.shell();
        command
            .arg("-c")
            .arg(WATCHDOG)
            .arg("jinmaek-database")
            .arg(directory.join("users.lock"))
            .arg(directory.join("server.pid"))
            .args(programs.server_command()?)
            .args(self.server_arguments(programs, &init))
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(log_file_too)
            .process_group(0);
        let pid = directory.join("server.pid");
        let _ = fs::remove_file(&pid);
        command.spawn().map_err(|source| Error::Run {
            program: "/bin/sh".into(),
            source,
        })?;
        // A matter of a few milliseconds, and not to be cut off: whoever comes next must see that a server is starting.
        let spawned = Instant::now();
        while !pid.exists() && spawned.elapsed() < SHELL_SECONDS_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
        debug!(port = self.port, "started {}", self.options.flavour);
        Ok(())
    }

    fn server_arguments(&self, programs: &Programs, init: &Path) -> Vec<String> {
        let directory = self.directory().display();
        let base = programs.base.display();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--basedir={base}"),
            format!("--datadir={directory}/data"),
            format!("--tmpdir={directory}/tmp"),
            format!("--pid-file={directory}/data/server.pid"),
            format!("--init-file={}", init.display()),
            format!("--port={}", self.port),
        ];
        let settings = [
            // Relative to the data directory: a socket's path may have 107 bytes only.
            "--socket=server.sock",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--server-id=1",
            "--log-bin=binlog",
            "--binlog-row-image=FULL",
            "--binlog-row-metadata=FULL",
            "--sync-binlog=1",
            "--innodb-flush-log-at-trx-commit=1",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--max-allowed-packet=256M",
            "--default-time-zone=+00:00",
        ];
        arguments.extend(settings.map(str::to_owned));
        match programs.flavour {
            Flavour::MariaDb => {
                arguments.push("--binlog-format=ROW".to_owned());
                arguments.push("--expire-logs-days=7".to_owned());
            }
            Flavour::MySql => {
                let settings = [
                    "--gtid-mode=ON",
                    "--enforce-gtid-consistency=ON",
                    "--binlog-expire-logs-seconds=604800",
                    // Debian's directory for files of `load data` is not there.
                    "--secure-file-priv=",
                    "--mysqlx=OFF",
                ];
                arguments.extend(settings.map(str::to_owned));
                arguments.push(format!("--lc-messages-dir={base}/share/mysql"));
                arguments.push(format!("--character-sets-dir={base}/share/mysql/charsets"));
                arguments.push(format!("--plugin-dir={base}/lib/mysql/plugin"));
            }
        }
        arguments.extend(user_argument());
        arguments.extend(self.options.server_arguments.iter().cloned());
        arguments
    }

    /// Run by the server at each start, before it takes connections: our account, and no root without a password.
    fn init_statements(&self) -> String {
        let password = &self.password;
        format!(
            "set sql_log_bin = 0;\n\
             alter user 'root'@'localhost' identified by '{password}';\n\
             create user if not exists '{USER}'@'127.0.0.1';\n\
             alter user '{USER}'@'127.0.0.1' identified by '{password}';\n\
             grant all privileges on *.* to '{USER}'@'127.0.0.1' with grant option;\n"
        )
    }
}
