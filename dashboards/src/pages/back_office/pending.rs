//! How far the index has taken up the operators' words, in a sentence, and whether it is time to build it anew.

use crate::api::IndexState;
use crate::korean;

/// The sentence.
#[derive(Clone)]
pub(crate) struct Pending {
    /// For the stylesheet: `good`, `busy` or `bad`.
    pub(crate) class: &'static str,
    pub(crate) sentence: String,
    /// Whether there is something to ask for.
    pub(crate) is_needed: bool,
    /// Words that can't be used, with the reason.
    pub(crate) left_out: Vec<String>,
}

impl Pending {
    pub(crate) fn of(index: &IndexState) -> Self {
        let dictionary = &index.dictionary;
        let pending = &dictionary.pending;
        let words = pending.added + pending.changed + pending.removed;
        let is_asked = dictionary.rebuild_requested || index.build.is_some();
        let (class, sentence) = match (words, is_asked) {
            (_, true) => ("busy", "색인을 다시 만드는 중입니다.".to_owned()),
            (0, false) => ("good", "단어가 모두 색인에 반영되어 있습니다.".to_owned()),
            (words, false) => (
                "busy",
                format!(
                    "단어 {}개가 아직 색인에 반영되지 않았습니다. 색인을 다시 만드세요.",
                    korean::number(words)
                ),
            ),
        };
        Self {
            class,
            sentence,
            is_needed: words > 0 && !is_asked,
            left_out: dictionary.left_out.clone(),
        }
    }
}
