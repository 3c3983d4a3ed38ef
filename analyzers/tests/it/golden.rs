//! `tests/golden.tsv`: one line is one text and its terms.

use crate::support::terms;

const GOLDEN: &str = include_str!("../golden.tsv");

#[test]
fn every_line_holds() {
    let mut wrong = String::new();
    let mut count = 0;
    for line in GOLDEN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (text, expected) = line.split_once('\t').expect("text, tab, terms");
        let text = unescape(text);
        let found = terms(&text);
        count += 1;
        if found != expected {
            wrong.push_str(&format!(
                "{text}\n   expected {expected}\n   found    {found}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= 120, "{count} lines");
}

/// `\u{200b}` in the file is the character itself: invisible ones and decomposed Hangul would not survive an editor.
fn unescape(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').expect("\\u{…}");
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain
}
