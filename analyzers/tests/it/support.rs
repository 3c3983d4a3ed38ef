//! What the tests share: the real analyzer, and an encoder of MeCab's files for small dictionaries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use analyzers::Analyzer;

/// Where `make ko-dic` puts the dictionary, unless `JINMAEK_KO_DIC` says otherwise.
pub(crate) fn ko_dic() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.jinmaek/ko-dic");
    std::env::var_os("JINMAEK_KO_DIC").map_or(workspace, PathBuf::from)
}

/// The analyzer over the real ko-dic, opened once.
pub(crate) fn analyzer() -> &'static Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    ANALYZER.get_or_init(|| {
        Analyzer::load(&ko_dic())
            .unwrap_or_else(|error| panic!("{error} (these tests need it: run `make ko-dic`)"))
    })
}

/// The terms of a text as one line of the golden file has them.
pub(crate) fn terms(text: &str) -> String {
    analyzer()
        .analyze(text)
        .into_iter()
        .map(|token| token.text)
        .collect::<Vec<_>>()
        .join("|")
}

/// `(surface, left, right, cost, feature)`
pub(crate) type Row = (&'static str, u16, u16, i16, &'static str);

pub(crate) const SYSTEM: [Row; 11] = [
    ("병원", 1, 2, 1510, "NNG,*,T,병원,*,*,*,*"),
    ("병원", 2, 1, 5700, "NNP,지명,T,병원,*,*,*,*"),
    ("치과", 1, 1, 1533, "NNG,*,F,치과,*,*,*,*"),
    ("먹", 0, 1, 1200, "VV,*,T,먹,*,*,*,*"),
    ("내과", 1, 1, 2211, "NNG,*,F,내과,*,*,*,*"),
    (
        "형태소",
        1,
        1,
        2639,
        "NNG,*,F,형태소,Compound,*,*,형태/NNG/*+소/NNG/*",
    ),
    ("는", 2, 1, -1200, "JX,*,T,는,*,*,*,*"),
    (
        "아파요",
        0,
        1,
        -32768,
        "VA+EC,*,F,아파요,Inflect,VA,EC,아프/VA/*+아요/EC/*",
    ),
    (",", 2, 2, 32767, "SC,*,*,*,*,*,*,*"),
    ("\"", 2, 2, 10, "SY,*,*,*,*,*,*,*"),
    ("A", 2, 2, 10, "SL,*,*,*,*,*,*,*"),
];
pub(crate) const UNKNOWN: [Row; 3] = [
    ("DEFAULT", 2, 2, 3640, "SY,*,*,*,*,*,*,*"),
    ("SPACE", 2, 3, 996, "SP,*,*,*,*,*,*,*"),
    ("HANGUL", 1, 2, 10055, "UNKNOWN,*,*,*,*,*,*,*"),
];
/// `(name, invoke, group, length)`
pub(crate) const CATEGORIES: [(&str, bool, bool, u8); 3] = [
    ("DEFAULT", false, true, 0),
    ("SPACE", false, true, 0),
    ("HANGUL", true, false, 2),
];
/// Right ids × left ids.
pub(crate) const MATRIX_SIZE: (u16, u16) = (4, 3);

pub(crate) fn matrix_cost(right: u16, left: u16) -> i16 {
    right.cast_signed() * 100 - left.cast_signed() * 7
}

/// Writes the four compiled files of the small dictionary.
pub(crate) fn write_compiled(directory: &Path) {
    write_compiled_with(directory, &SYSTEM);
}

pub(crate) fn write_compiled_with(directory: &Path, rows: &[Row]) {
    for (file, bytes) in [
        ("sys.dic", lexicon(rows)),
        ("unk.dic", lexicon(&UNKNOWN)),
        ("matrix.bin", matrix()),
        ("char.bin", characters()),
    ] {
        std::fs::write(directory.join(file), bytes).unwrap();
    }
}

pub(crate) fn matrix() -> Vec<u8> {
    let (right_ids, left_ids) = MATRIX_SIZE;
    let mut bytes = [right_ids.to_le_bytes(), left_ids.to_le_bytes()].concat();
    for left in 0..left_ids {
        for right in 0..right_ids {
            bytes.extend(matrix_cost(right, left).to_le_bytes());
        }
    }
    bytes
}

pub(crate) fn characters() -> Vec<u8> {
    let mut bytes = (CATEGORIES.len() as u32).to_le_bytes().to_vec();
    for (name, ..) in CATEGORIES {
        bytes.extend(name.as_bytes());
        bytes.extend(vec![0; 32 - name.len()]);
    }
    for code in 0..0xffff_u32 {
        let (default, set) = match code {
            0x20 => (1, 0b010),
            0xac00..=0xd7a3 => (2, 0b101),
            _ => (0, 0b001),
        };
        let (_, invoke, group, length) = CATEGORIES[default];
        let bits = set
            | (default as u32) << 18
            | u32::from(length) << 26
            | u32::from(group) << 30
            | u32::from(invoke) << 31;
        bytes.extend(bits.to_le_bytes());
    }
    bytes
}

/// `sys.dic` or `unk.dic` of these rows, as `mecab-dict-index` would write it (its double array may be laid out otherwise).
pub(crate) fn lexicon(rows: &[Row]) -> Vec<u8> {
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| row.0);
    let (mut tokens, mut features, mut values) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (index, (surface, left, right, cost, feature)) in sorted.into_iter().enumerate() {
        let value = values.entry(surface.as_bytes()).or_insert(index << 8);
        *value += 1;
        for number in [*left, *right, 0, cost.cast_unsigned()] {
            tokens.extend(number.to_le_bytes());
        }
        tokens.extend((features.len() as u32).to_le_bytes());
        tokens.extend(0_u32.to_le_bytes());
        features.extend(feature.as_bytes());
        features.push(0);
    }
    let units = double_array(&values);
    let mut header = [0_u32; 10];
    header[1] = 102;
    header[3] = rows.len() as u32;
    (header[4], header[5]) = (u32::from(MATRIX_SIZE.0), u32::from(MATRIX_SIZE.1));
    (header[6], header[7], header[8]) = (
        units.len() as u32,
        tokens.len() as u32,
        features.len() as u32,
    );
    let mut bytes: Vec<u8> = header
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    bytes.extend(b"utf-8");
    bytes.resize(72, 0);
    bytes.extend([units, tokens, features].concat());
    seal(&mut bytes);
    bytes
}

/// Makes the first number match the size again, so that a damaged file is read past its header.
pub(crate) fn seal(bytes: &mut [u8]) {
    let magic = bytes.len() as u32 ^ 0xef71_8f77;
    bytes[..4].copy_from_slice(&magic.to_le_bytes());
}

/// A double array (Darts) over the keys, laid out first-fit.
fn double_array(values: &BTreeMap<&[u8], usize>) -> Vec<u8> {
    let mut units: Vec<(i32, u32)> = vec![(0, 0); 1 << 16];
    let mut taken = vec![false; units.len()];
    let mut bases = vec![false; units.len()];
    taken[0] = true;
    let mut pending = vec![(0_usize, Vec::new())];
    while let Some((node, prefix)) = pending.pop() {
        let mut codes: Vec<usize> = values
            .keys()
            .filter(|key| key.len() > prefix.len() && key.starts_with(&prefix))
            .map(|key| usize::from(key[prefix.len()]) + 1)
            .collect();
        codes.dedup();
        let value = values.get(prefix.as_slice());
        let slots: Vec<usize> = value
            .map(|_| 0)
            .into_iter()
            .chain(codes.iter().copied())
            .collect();
        let base = (1..)
            .find(|&base| !bases[base] && slots.iter().all(|code| !taken[base + code]))
            .unwrap();
        bases[base] = true;
        units[node].0 = base as i32;
        for code in slots {
            taken[base + code] = true;
            units[base + code].1 = base as u32;
        }
        if let Some(&value) = value {
            units[base].0 = -(value as i32) - 1;
        }
        for code in codes {
            pending.push((
                base + code,
                [prefix.as_slice(), &[(code - 1) as u8]].concat(),
            ));
        }
    }
    let used = taken.iter().rposition(|&taken| taken).unwrap() + 1;
    units[..used]
        .iter()
        .flat_map(|(base, check)| [base.to_le_bytes(), check.to_le_bytes()].concat())
        .collect()
}
