//! What each sign of relevance counts, in one place, with the measurement that chose it.
//!
//! Scores add up. Signs of different kinds stand orders of magnitude apart, so that one is never outweighed by many of a lesser kind:
//! a whole name, then lying in the place that the query names, then the beginning of a name, then words by BM25, then names that are
//! only spelt alike.

use indexer::schema::Fields;
use tantivy::Score;
use tantivy::schema::Field;

/// A name that is the query.
pub(crate) const WHOLE_NAME: Score = 4000.0;
/// Lying in the place that the query names.
pub(crate) const IN_PLACE: Score = 2000.0;
/// Rings around a station, a landmark or the middle of a neighbourhood, in metres, and which share of that each adds for lying within
/// it: the score falls with the distance.
pub(crate) const RINGS: [(f64, Score); 4] =
    [(500.0, 0.1), (1000.0, 0.1), (2000.0, 0.1), (4000.0, 0.4)];
/// The share for lying in the same district as a station or a landmark.
pub(crate) const SAME_DISTRICT: Score = 0.3;
/// A name, or a later word of it, that begins with the query; and what it adds that it is the name.
pub(crate) const NAME_PREFIX: Score = 1000.0;
pub(crate) const WHOLE_PREFIX: Score = 100.0;
/// Names whose first consonants are the query, or begin with it, and whose later words' do.
pub(crate) const WHOLE_INITIALS: Score = 400.0;
pub(crate) const INITIALS_PREFIX: Score = 300.0;
pub(crate) const LATER_INITIALS: Score = 200.0;
/// Running the department that a complaint belongs to, times its weight; having an emergency room in an emergency.
pub(crate) const DEPARTMENT: Score = 40.0;
pub(crate) const EMERGENCY: Score = 60.0;
/// Names that are spelt alike: one letter off, a syllable left out, another syllable, two letters off. `jinmaek eval names`.
pub(crate) const ALIKE: [Score; 4] = [4.0, 3.0, 2.0, 1.0];
/// What it adds that the first syllable is right: people rarely get that wrong.
pub(crate) const FIRST_RIGHT: Score = 1.5;

/// Being where the searcher is; half of it a kilometre away. More than the words of two pharmacies ever differ, and less than a name.
pub(crate) const NEAR: Score = 20.0;
pub(crate) const NEAR_METERS: f64 = 1000.0;
/// Being open: what the words of two institutions differ that say the same.
pub(crate) const OPEN: Score = 2.0;
/// An article that was revised today; half of it a year later. KorQuAD has no dates.
pub(crate) const FRESH: Score = 0.5;
pub(crate) const FRESH_DAYS: f64 = 365.0;

/// A token in several fields counts as its best one, plus this much of each other.
pub(crate) const TIE_BREAKER: Score = 0.1;
/// A synonym counts a little less than the word itself.
pub(crate) const SYNONYM: Score = 0.8;
/// What the pairs of letters count beside the words. KorQuAD 1.0 dev, nDCG@10: 0 0.9632, 0.1 0.9660, 0.2 0.9666, 0.3 0.9674, 0.5
/// 0.9672.
pub(crate) const BIGRAMS: Score = 0.3;

/// A term of a question that more articles have than this share, and than this many, finds none by itself: with it alone most of them
/// would be hits. It counts all the same where others find one. KorQuAD 1.0 dev with no least number, hit@1 and nDCG@10 of the best 100
/// judged: 1 (none is common) 0.9333 and 0.9693, 0.05 0.9333 and 0.9683; 0.02 with 50 judged 0.9221 and 0.9547.
pub(crate) const COMMON_SHARE: f64 = 0.05;
pub(crate) const COMMON_MIN: u64 = 1000;
/// The best hits, which are judged by all that counts; those behind them only by the terms that found them.
pub(crate) const JUDGED: usize = 100;

/// What two neighbouring terms count that stand in a row. KorQuAD 1.0 dev, hit@1 and nDCG@10: 0 0.9286 and 0.9673, 0.15 0.9331 and
/// 0.9693; with one term between them, 0.9328 and 0.9692.
pub(crate) const NEIGHBOURS: Score = 0.15;

/// A word of an institution's name.
pub(crate) const NAME: Score = 3.0;

/// The fields that a word is looked for in, with what each counts: a name above a kind or department, that above a place.
pub(crate) fn of_institutions(fields: &Fields) -> [(Field, Score); 4] {
    [
        (fields.name, NAME),
        (fields.keywords, 1.5),
        (fields.address, 1.0),
        (fields.description, 0.5),
    ]
}

/// The same of articles. KorQuAD 1.0 dev, nDCG@10, and our judged questions to articles: title 3, subjects 2, summary 1.5, text 1 0.9693
/// and 0.900; 2, 1, 1, 1 0.9690 and 0.918; 1.5, 1, 1, 1 0.9682 and 0.911.
pub(crate) fn of_articles(fields: &Fields) -> [(Field, Score); 4] {
    [
        (fields.title, 2.0),
        (fields.subjects, 1.0),
        (fields.summary, 1.0),
        (fields.body, 1.0),
    ]
}
