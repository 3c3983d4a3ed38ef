//! Building and opening a dictionary: from compiled files and from sources, again, and what each failure says.

use std::fs;

use analyzers::{Analyzer, Error, KNOWN_CHECKSUMS, STAMP_FILE, build_dictionary, checksum, mecab};

use crate::support::{SYSTEM, ko_dic, write_compiled, write_compiled_with};

#[test]
fn compiled_files_and_their_sources_build_the_same_dictionary() {
    let home = tempfile::tempdir().unwrap();
    let [compiled, sources, first, second] =
        ["compiled", "sources", "first", "second"].map(|name| home.path().join(name));
    fs::create_dir(&compiled).unwrap();
    fs::create_dir(&sources).unwrap();
    write_compiled(&compiled);
    mecab::write_sources(&compiled, &sources).unwrap();

    let report = build_dictionary(&compiled, &first).unwrap();
    assert_eq!((report.words, report.matrix), (SYSTEM.len(), (4, 3)));
    assert_eq!(report.categories, ["DEFAULT", "SPACE", "HANGUL"]);
    assert_eq!(report.source_checksum, checksum(&compiled).unwrap());
    assert_eq!(
        build_dictionary(&sources, &second).unwrap().words,
        SYSTEM.len()
    );
    for file in [
        "dict.words",
        "dict.vals",
        "dict.trie",
        "matrix.mtx",
        "char_def.bin",
        "unk.bin",
    ] {
        assert!(
            fs::read(first.join(file)).unwrap() == fs::read(second.join(file)).unwrap(),
            "{file} differs"
        );
    }

    build_dictionary(&compiled, &first).unwrap(); // again, over itself
    let left: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 4, "scratch was left behind: {left:?}");
}

#[test]
fn sources_are_what_mecab_compiled_them_from() {
    let home = tempfile::tempdir().unwrap();
    write_compiled(home.path());
    mecab::write_sources(home.path(), home.path()).unwrap();
    let read = |file: &str| fs::read_to_string(home.path().join(file)).unwrap();
    assert!(
        read("ko-dic.csv")
            .contains("\n형태소,1,1,2639,NNG,*,F,형태소,Compound,*,*,형태/NNG/*+소/NNG/*\n")
    );
    assert!(read("ko-dic.csv").contains("\",\",2,2,32767,SC,*,*,*,*,*,*,*\n"));
    assert!(read("ko-dic.csv").contains("\"\"\"\",2,2,10,SY,"));
    assert_eq!(read("unk.def").lines().count(), 3);
    assert!(read("matrix.def").starts_with("4 3\n0 0 0\n1 0 100\n"));
    assert_eq!(
        read("char.def"),
        "DEFAULT 0 1 0\nSPACE 0 1 0\nHANGUL 1 0 2\n0x0020..0x0020 SPACE\n0xAC00..0xD7A3 HANGUL DEFAULT\n"
    );
}

#[test]
fn a_source_that_is_none_or_damaged_leaves_the_target_alone() {
    let home = tempfile::tempdir().unwrap();
    let [source, target] = ["source", "target"].map(|name| home.path().join(name));
    fs::create_dir(&source).unwrap();
    assert!(matches!(
        build_dictionary(&source, &target),
        Err(Error::NoSource { .. })
    ));
    write_compiled(&source);
    build_dictionary(&source, &target).unwrap();
    fs::write(source.join("matrix.bin"), [9, 0, 9, 0]).unwrap();
    assert!(matches!(
        build_dictionary(&source, &target),
        Err(Error::Malformed {
            file: "matrix.bin",
            ..
        })
    ));
    assert!(target.join(STAMP_FILE).is_file());
}

#[test]
fn a_missing_dictionary_says_how_to_get_one() {
    let home = tempfile::tempdir().unwrap();
    let message = Analyzer::load(&home.path().join("ko-dic"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("no Korean dictionary in /")
            && message.ends_with("ko-dic: run `make ko-dic`"),
        "{message}"
    );
}

#[test]
fn a_dictionary_of_another_version_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let [source, target] = ["source", "target"].map(|name| home.path().join(name));
    fs::create_dir(&source).unwrap();
    write_compiled(&source);
    build_dictionary(&source, &target).unwrap();
    fs::write(target.join(STAMP_FILE), "ko-dic format 0, lindera 1.0.0\n").unwrap();
    let message = Analyzer::load(&target).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "was built by another version (ko-dic format 0, lindera 1.0.0): run `make ko-dic`"
        ),
        "{message}"
    );
}

#[test]
fn a_dictionary_without_korean_nouns_is_refused() {
    let home = tempfile::tempdir().unwrap();
    write_compiled_with(home.path(), &SYSTEM[..2]);
    let message = build_dictionary(home.path(), &home.path().join("target"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "the dictionary is not a ko-dic: it does not have 먹/VV"
    );
}

/// The small dictionary's matrix has `right × 100 − left × 7`: left id 0 is the verb's, 1 the nouns', 2 the spaces'.
#[test]
fn a_space_costs_the_mean_of_a_noun_and_a_verb() {
    let home = tempfile::tempdir().unwrap();
    write_compiled(home.path());
    let target = home.path().join("target");
    build_dictionary(home.path(), &target).unwrap();
    let matrix = fs::read(target.join("matrix.mtx")).unwrap();
    let costs: Vec<i16> = matrix
        .chunks(2)
        .skip(3)
        .map(|cost| i16::from_le_bytes(cost.try_into().unwrap()))
        .collect();
    assert_eq!(
        costs,
        [[0, 100, 200, 300], [-7, 93, 193, 293], [-3, 96, 196, 296]].concat()
    );
}

#[test]
fn the_real_dictionary_is_of_a_known_source() {
    let stamp = fs::read_to_string(ko_dic().join(STAMP_FILE)).expect("run `make ko-dic`");
    assert!(
        KNOWN_CHECKSUMS.iter().any(|known| stamp.contains(known)),
        "{stamp}"
    );
}
