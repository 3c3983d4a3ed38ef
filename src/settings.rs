//! Command line, environment and configuration file become one set of options: the file's values are the defaults of the
//! options that bear their names, so that all three know exactly the same options.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use toml::{Table, Value};

use crate::cli::Cli;

/// Read when no file is named and it is there.
const DEFAULT_FILE: &str = "jinmaek.toml";

/// Reads the command line; prints help or a usage error and exits when that is what it asks for.
pub(crate) fn parse() -> anyhow::Result<Cli> {
    let command = match config_file()? {
        Some(path) => with_file(Cli::command(), &path)?,
        None => Cli::command(),
    };
    let matches = command.get_matches();
    Ok(Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

/// The file that `--config` or its environment variable names, or the default one when it is there.
fn config_file() -> anyhow::Result<Option<PathBuf>> {
    let matches = Cli::command().ignore_errors(true).try_get_matches();
    let named = matches
        .ok()
        .and_then(|matches| matches.get_one::<PathBuf>("config").cloned());
    match named {
        Some(path) if !path.exists() => bail!("there is no configuration file {}", path.display()),
        Some(path) => Ok(Some(path)),
        None => Ok(Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists())),
    }
}

fn with_file(command: Command, path: &Path) -> anyhow::Result<Command> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: Table = text
        .parse()
        .with_context(|| format!("{} is not TOML", path.display()))?;
    with_table(command, &table, "").with_context(|| format!("in {}", path.display()))
}

/// Makes the table's values the defaults of the command's options; tables are subcommands.
fn with_table(mut command: Command, table: &Table, inside: &str) -> anyhow::Result<Command> {
    for (key, value) in table {
        if let Value::Table(inner) = value {
            let Some(subcommand) = command.find_subcommand(key).cloned() else {
                bail!("`[{inside}{key}]` is no command of jinmaek");
            };
            let subcommand = with_table(subcommand, inner, &format!("{inside}{key}."))?;
            command = command.mut_subcommand(key, |_| subcommand);
            continue;
        }
        let is_option = |argument: &&Arg| argument.get_long() == Some(key);
        let Some(id) = command
            .get_arguments()
            .find(is_option)
            .map(|argument| argument.get_id().clone())
        else {
            bail!("`{inside}{key}` is no option; `jinmaek --help` lists them");
        };
        let values = texts(value).with_context(|| format!("`{inside}{key}`"))?;
        command = command.mut_arg(id, |argument| argument.default_values(values));
    }
    Ok(command)
}

fn texts(value: &Value) -> anyhow::Result<Vec<String>> {
    Ok(match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Boolean(flag) => vec![flag.to_string()],
        Value::Array(values) => {
            let nested: anyhow::Result<Vec<_>> = values.iter().map(texts).collect();
            nested?.concat()
        }
        _ => bail!("must be a text, a whole number, true or false, or a list of these"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(file: &str, arguments: &[&str]) -> anyhow::Result<Cli> {
        let command = with_table(Cli::command(), &file.parse()?, "")?;
        let matches = command.try_get_matches_from([&["jinmaek"], arguments].concat())?;
        Ok(Cli::from_arg_matches(&matches)?)
    }

    #[test]
    fn the_file_gives_defaults_and_the_command_line_wins() {
        let file = "site-listen = '0.0.0.0:80'\nwith-sample = true\n[sample]\nseed = 7";
        let cli = parsed(file, &[]).unwrap();
        assert_eq!(cli.settings.site_listen.port(), 80);
        assert!(cli.with_sample);
        let cli = parsed(file, &["--site-listen", "127.0.0.1:81", "sample"]).unwrap();
        assert_eq!(cli.settings.site_listen.port(), 81);
        let Some(crate::cli::Command::Sample(sample)) = cli.command else {
            panic!("{cli:?}")
        };
        assert_eq!((sample.seed, sample.institutions), (7, 3_000));
    }

    #[test]
    fn a_key_that_is_no_option_is_an_error_that_names_it() {
        let error = parsed("site-lisen = 'x'", &[]).unwrap_err().to_string();
        assert!(error.contains("`site-lisen` is no option"), "{error}");
        let error = parsed("[smaple]\nseed = 1", &[]).unwrap_err().to_string();
        assert!(error.contains("`[smaple]` is no command"), "{error}");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        fn check(command: &Command) {
            for argument in command
                .get_arguments()
                .filter(|argument| !argument.is_positional())
            {
                let is_built_in = matches!(argument.get_id().as_str(), "help" | "version");
                assert!(
                    is_built_in || argument.get_env().is_some(),
                    "{}",
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
