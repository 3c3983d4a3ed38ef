//! Reads numbers however they are written: `이천만`, `2천만`, `2,000만` and `20000000` are one term, and the unit another.
use crate::cutter::Morpheme;
use crate::kinds::Kind;

pub(crate) fn read(morphemes: &[Morpheme<'_>], at: usize) -> Option<(usize, String)> {
    let count = morphemes[at..]
        .iter()
        .take_while(|next| next.kind == Kind::Number)
        .count();
    (count > 0).then(|| {
        (
            count,
            morphemes[at..at + count]
                .iter()
                .map(|next| next.text)
                .filter(|text| *text != ",")
                .collect(),
        )
    })
}
