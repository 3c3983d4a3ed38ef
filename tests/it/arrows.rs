//! The arrow check: green as we stand, red as soon as somebody adds an arrow that the house does not have.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CRATES: [&str; 6] = [
    "analyzers",
    "cdc",
    "core-services",
    "dashboards",
    "indexer",
    "search-api",
];

/// The manifests alone, with empty crates behind them: all that `cargo tree` looks at.
fn copy_of_the_house() -> tempfile::TempDir {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = tempfile::tempdir().unwrap();
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(house.join(file), copy.path().join(file)).unwrap();
    }
    fs::create_dir(copy.path().join("src")).unwrap();
    fs::write(copy.path().join("src/main.rs"), "fn main() {}").unwrap();
    for name in CRATES {
        fs::create_dir_all(copy.path().join(name).join("src")).unwrap();
        fs::copy(
            house.join(name).join("Cargo.toml"),
            copy.path().join(name).join("Cargo.toml"),
        )
        .unwrap();
        fs::write(copy.path().join(name).join("src/lib.rs"), "").unwrap();
    }
    copy
}

fn check(house: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/check-arrows");
    Command::new("bash")
        .arg(script)
        .current_dir(house)
        .output()
        .unwrap()
}

#[test]
fn the_arrow_check_fails_when_an_arrow_is_added() {
    let copy = copy_of_the_house();
    let output = check(copy.path());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for (from, to) in [
        ("dashboards", "indexer"),
        ("cdc", "tantivy"),
        ("search-api", "core-services"),
    ] {
        let copy = copy_of_the_house();
        let manifest = copy.path().join(from).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let text = text.replacen(
            "[dependencies]\n",
            &format!("[dependencies]\n{to}.workspace = true\n"),
            1,
        );
        // Where it stood as a dependency of the tests, it stands twice now.
        let text = match text.split_once("[dev-dependencies]") {
            Some((before, after)) => format!(
                "{before}[dev-dependencies]{}",
                after.replace(&format!("\n{to}.workspace = true"), "")
            ),
            None => text,
        };
        fs::write(&manifest, text).unwrap();
        let output = check(copy.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{from} -> {to} went unnoticed");
        assert!(
            said.contains(&format!("forbidden arrow: {from} -> {to}")),
            "{said}"
        );
    }
}
