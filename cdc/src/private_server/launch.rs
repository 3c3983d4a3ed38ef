//! Making the data directory and starting `mariadbd` with its watchdog.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tracing::debug;

use super::files::{file, write_private};
use super::programs::{Programs, user_argument};
use super::{Error, PrivateServer, USER, end_of};

/// How long the watchdog shell may take to start `mariadbd`.
const SHELL_SECONDS_MAX: Duration = Duration::from_secs(5);

/// `$1` is the lock file, `$2` the file for the process id, the rest the server's command line. The shell holds the exclusive lock until the server has
/// ended, so that whoever comes next waits for a clean stop.
const WATCHDOG: &str = r#"
lock=$1; pid=$2; shift 2
"$@" & server=$!
echo "$server" >"$pid.new" && mv "$pid.new" "$pid"
exec 9<"$lock"
flock --exclusive 9
kill -TERM "$server" 2>/dev/null
wait "$server"
"#;

impl PrivateServer {
    /// Makes the system tables once. A half-made directory of a process that was killed is thrown away.
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
        let mut command = programs.command("mariadb-install-db")?;
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
        let output = command.output().await.map_err(|source| Error::Run {
            program: programs.base.join("bin/mariadb-install-db"),
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

    /// Starts `mariadbd` and its watchdog in a process group of their own, so that Ctrl-C reaches only us.
    pub(super) fn spawn(&self, programs: &Programs) -> Result<(), Error> {
        let directory = self.directory();
        let init = directory.join("init.sql");
        write_private(&init, &self.init_statements())?;
        let log = directory.join("mariadbd.log");
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
            .arg("jinmaek-mariadb")
            .arg(directory.join("users.lock"))
            .arg(directory.join("server.pid"))
            .arg(programs.server())
            .args(self.server_arguments(programs, &init))
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(log_file_too)
            .process_group(0);
        let pid = directory.join("server.pid");
        let _ = fs::remove_file(&pid);
        command.spawn().map_err(|source| Error::Run {
            program: programs.server(),
            source,
        })?;
        // A matter of a few milliseconds, and not to be cut off: whoever comes next must see that a server is starting.
        let spawned = Instant::now();
        while !pid.exists() && spawned.elapsed() < SHELL_SECONDS_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
        debug!(port = self.port, "started mariadbd");
        Ok(())
    }

    fn server_arguments(&self, programs: &Programs, init: &Path) -> Vec<String> {
        let directory = self.directory().display();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--basedir={}", programs.base.display()),
            format!("--datadir={directory}/data"),
            format!("--tmpdir={directory}/tmp"),
            format!("--pid-file={directory}/data/mariadbd.pid"),
            format!("--init-file={}", init.display()),
            format!("--port={}", self.port),
            // Relative to the data directory: a socket's path may have 107 bytes only.
            "--socket=mariadbd.sock".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            "--skip-name-resolve".to_owned(),
            "--server-id=1".to_owned(),
            "--log-bin=binlog".to_owned(),
            "--binlog-format=ROW".to_owned(),
            "--binlog-row-image=FULL".to_owned(),
            "--binlog-row-metadata=FULL".to_owned(),
            "--expire-logs-days=7".to_owned(),
            "--sync-binlog=1".to_owned(),
            "--innodb-flush-log-at-trx-commit=1".to_owned(),
            "--character-set-server=utf8mb4".to_owned(),
            "--collation-server=utf8mb4_unicode_ci".to_owned(),
            "--max-allowed-packet=256M".to_owned(),
            "--default-time-zone=+00:00".to_owned(),
        ];
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
             grant all privileges on *.* to '{USER}'@'127.0.0.1';\n"
        )
    }
}
