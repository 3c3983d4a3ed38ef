//! Which morphemes are indexed. ko-dic's tags are those of the Sejong corpus.
//!
//! Lucene's `KoreanPartOfSpeechStopFilter` also drops prefixes, interjections, adverbs and determiners, and so indexes `비급여` as `급여`
//! (elastic/elasticsearch#151157) and finds nothing in `이어팟` (bluesky-social/atproto#5229). Here only what has no meaning of its
//! own goes: particles, endings, the copula, punctuation, and the verb makers of nouns.

/// Verb and adjective suffixes (XSV, XSA) that change what the noun before them means. The others (하, 되, 거리, 스럽 …) only
/// make a verb of it: `수술하다` is `수술`.
const MEANINGFUL_SUFFIXES: [&str; 3] = ["시키", "당하", "받"];

/// Whether a morpheme with this tag (without `+`) is indexed.
pub(crate) fn is_kept(tag: &str, morpheme: &str) -> bool {
    match tag.as_bytes() {
        // Particles (JKS, JX …), endings (EP, EF, EC, ETN, ETM) and the copula 이다.
        [b'J', ..] | [b'E', ..] | b"VCP" => false,
        // Numbers, Latin, Hanja, and the scripts that ko-dic takes for symbols (SY); not a symbol itself.
        [b'S', ..] => morpheme.contains(char::is_alphanumeric),
        b"XSV" | b"XSA" => MEANINGFUL_SUFFIXES.contains(&morpheme),
        _ => true,
    }
}
