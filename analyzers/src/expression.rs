//! Reads ko-dic's column `expression`: the morphemes of a compound or of an inflected word.
//!
//! `형태소` has `형태/NNG/*+소/NNG/*`; `아파요` has `아프/VA/*+아요/EC/*`. lindera leaves the column unread: its `Mode::Decompose` does not
//! split ko-dic's compounds. Lucene's nori calls the parts alone `DecompoundMode.DISCARD`, and so do we.

/// The morphemes with their tags; those without text (`고양이/NNG/*+/VCP/*`) are left out.
pub(crate) fn morphemes(expression: &str) -> impl Iterator<Item = (&str, &str)> {
    expression.split('+').filter_map(|morpheme| {
        let (text, rest) = morpheme.split_once('/')?;
        let (tag, _) = rest.split_once('/').unwrap_or((rest, ""));
        (!text.is_empty()).then_some((text, tag))
    })
}

/// Whether the morphemes, one after the other, are the word as written: true of compounds, seldom of inflected words.
pub(crate) fn spells(expression: &str, surface: &str) -> bool {
    let mut rest = Some(surface);
    for (text, _) in morphemes(expression) {
        rest = rest.and_then(|rest| rest.strip_prefix(text));
    }
    rest.is_some_and(str::is_empty)
}
