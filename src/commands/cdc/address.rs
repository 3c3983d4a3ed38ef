//! Where NATS is and who we are there: `--nats` and `--nats-ca`. What is wrong is said without the credentials.

use std::path::Path;

use anyhow::{Context, bail};
use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

/// `nats://` or `tls://`, `user:password@` or `token@` (as in any URL, special characters as `%40`), host and port. The
/// client itself would leave the credentials of an address unused.
pub(super) fn parse(url: &str, ca: Option<&Path>) -> anyhow::Result<(ServerAddr, ConnectOptions)> {
    let address: ServerAddr = url
        .parse()
        .context("the address of NATS (--nats) can't be understood")?;
    let is_tls = match address.scheme() {
        "nats" => false,
        "tls" => true,
        scheme => bail!("--nats must begin with nats:// or tls://, not {scheme}://"),
    };
    if ca.is_some() && !is_tls {
        bail!("--nats-ca is for an address of NATS that begins with tls://");
    }
    // Also for servers that the first one tells of.
    let mut options = ConnectOptions::new().require_tls(is_tls);
    if let Some(ca) = ca {
        if !ca.is_file() {
            bail!("--nats-ca: there is no file {}", ca.display());
        }
        options = options.add_root_certificates(ca.to_owned());
    }
    options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => {
            options.user_and_password(decoded(user)?, decoded(password)?)
        }
        (Some(token), None) => options.token(decoded(token)?),
        (None, Some(_)) => bail!("--nats has a password but no user"),
        (None, None) => options,
    };
    let mut url = address.into_inner();
    // Fails only for addresses that have no host, which have no credentials either.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    Ok((ServerAddr::from_url(url)?, options))
}

fn decoded(text: &str) -> anyhow::Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    // The error would show a part of it.
    let text = text.map_err(|_| anyhow::anyhow!("the credentials in --nats are not UTF-8"))?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_the_address_and_never_shown() {
        for url in [
            "nats://user:pa%40ss@localhost:1",
            "tls://token@localhost:1",
            "localhost:1",
        ] {
            let (address, _) = parse(url, None).unwrap();
            assert!(
                address.as_url_str().ends_with("://localhost:1"),
                "{address:?}"
            );
        }
        for url in [
            "http://user:secret@localhost",
            "nats://:secret@localhost",
            "nats://user:secret@local host",
            "nats://user:secret%ff@localhost",
        ] {
            let error = format!("{:?}", parse(url, None).map(|_| ()).unwrap_err());
            assert!(!error.contains("secret"), "{error}");
        }
        let missing = parse("tls://localhost", Some(Path::new("/no/ca.pem")));
        let error = missing.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("/no/ca.pem"), "{error}");
    }
}
