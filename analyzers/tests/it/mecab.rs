//! MeCab's compiled files: what is encoded is decoded, and what is damaged is refused.

use analyzers::mecab::{Characters, Lexicon, Matrix};

use crate::support::{
    CATEGORIES, MATRIX_SIZE, Row, SYSTEM, UNKNOWN, characters, lexicon, matrix, matrix_cost, seal,
};

#[test]
fn every_word_cost_and_feature_is_decoded() {
    for rows in [SYSTEM.as_slice(), &UNKNOWN] {
        let bytes = lexicon(rows);
        let decoded = Lexicon::decode(&bytes, "sys.dic").unwrap();
        let mut words: Vec<_> = decoded
            .words
            .iter()
            .map(|word| {
                (
                    word.surface.as_str(),
                    word.left,
                    word.right,
                    word.cost,
                    word.feature,
                )
            })
            .collect();
        let mut expected: Vec<Row> = rows.to_vec();
        words.sort_unstable();
        expected.sort_unstable();
        assert_eq!(words, expected);
        assert_eq!((decoded.left_size, decoded.right_size), (4, 3));
    }
}

#[test]
fn every_connection_cost_is_decoded() {
    let bytes = matrix();
    let decoded = Matrix::decode(&bytes).unwrap();
    assert_eq!((decoded.left_size, decoded.right_size), MATRIX_SIZE);
    for right in 0..MATRIX_SIZE.0 {
        for left in 0..MATRIX_SIZE.1 {
            assert_eq!(decoded.cost(right, left), Some(matrix_cost(right, left)));
        }
    }
    assert_eq!(decoded.cost(MATRIX_SIZE.0, 0), None);
    assert_eq!(decoded.cost(0, MATRIX_SIZE.1), None);
}

#[test]
fn every_category_and_range_is_decoded() {
    let decoded = Characters::decode(&characters()).unwrap();
    let categories: Vec<_> = decoded
        .categories
        .iter()
        .map(|one| (one.name.as_str(), one.invoke, one.group, one.length))
        .collect();
    assert_eq!(categories, CATEGORIES);
    let ranges: Vec<_> = decoded
        .ranges
        .iter()
        .map(|range| (range.first, range.last, range.categories.as_slice()))
        .collect();
    let expected: [(u32, u32, &[usize]); 5] = [
        (0, 0x1f, &[0]),
        (0x20, 0x20, &[1]),
        (0x21, 0xabff, &[0]),
        (0xac00, 0xd7a3, &[2, 0]),
        (0xd7a4, 0xfffe, &[0]),
    ];
    assert_eq!(ranges, expected);
}

#[test]
fn a_file_cut_short_is_refused() {
    let bytes = lexicon(&SYSTEM);
    for length in 0..bytes.len() {
        assert!(Lexicon::decode(&bytes[..length], "sys.dic").is_err());
        if length >= 4 {
            let mut sealed = bytes[..length].to_vec();
            seal(&mut sealed);
            assert!(Lexicon::decode(&sealed, "sys.dic").is_err());
        }
    }
    let bytes = matrix();
    assert!((0..bytes.len()).all(|length| Matrix::decode(&bytes[..length]).is_err()));
    let bytes = characters();
    assert!(
        (0..bytes.len())
            .step_by(97)
            .all(|length| Characters::decode(&bytes[..length]).is_err())
    );
}

#[test]
fn a_flipped_byte_never_panics() {
    let sound = lexicon(&SYSTEM);
    let mut refused = 0;
    for at in 0..sound.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = sound.clone();
            bytes[at] ^= flip;
            refused += usize::from(Lexicon::decode(&bytes, "sys.dic").is_err());
        }
    }
    assert!(
        refused > sound.len() / 4,
        "only {refused} of {} flips were noticed",
        sound.len() * 3
    );
    let sound = characters();
    for at in (0..200).chain((200..sound.len()).step_by(1009)) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        let _ = Characters::decode(&bytes);
    }
}

#[test]
fn an_error_says_which_file_and_what() {
    let mut bytes = lexicon(&SYSTEM);
    bytes[4] = 101;
    assert_eq!(
        Lexicon::decode(&bytes, "unk.dic").unwrap_err().to_string(),
        "unk.dic: version 101, not 102"
    );
    bytes.pop();
    let message = Lexicon::decode(&bytes, "sys.dic").unwrap_err().to_string();
    assert!(
        message.starts_with("sys.dic: its first number does not match its size"),
        "{message}"
    );
    assert_eq!(
        Matrix::decode(&[2, 0, 2, 0, 1]).unwrap_err().to_string(),
        "matrix.bin: 1 bytes for 2 × 2 costs"
    );
}
