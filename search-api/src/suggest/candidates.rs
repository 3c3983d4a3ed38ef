//! Which names begin with the typed letters, and which of them are shown.

use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::{Document, parse_source};
use indexer::engines::tantivy::source_of;
use tantivy::collector::Count;
use tantivy::query::{BooleanQuery, Query};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, TERMINATED, TantivyDocument};

use crate::error::ApiError;
use crate::segments::{Facts, Place};
use crate::text_query::is;

/// Terms of a segment that are looked at: one typed letter begins tens of thousands of names, of which these take 5 ms.
const TERMS_MAX: usize = 20_000;
/// Names that are kept for each that can be shown, since some turn out to be of the same institution, or deleted.
const NAMES_PER_SUGGESTION: usize = 4;
/// Institutions of the same name that are looked at; there are hundreds called 우리들의원.
const NAMESAKES_MAX: usize = 3;

/// A name that begins with the typed letters, or has a word that does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Not the typed letters exactly: `false` comes first.
    pub(super) is_longer: bool,
    /// What it is; departments and places come before the many institutions.
    pub(super) what: What,
    /// Only a later word begins with the letters.
    pub(super) is_later_word: bool,
    /// How far down the places are: 0 시도, 1 시군구, 2 읍면동; 0 for all else.
    pub(super) level: u8,
    /// Letters of the name, or of the rest of it.
    pub(super) letters: usize,
    pub(super) text: String,
    pub(super) detail: String,
    pub(super) id: Option<u64>,
    pub(super) slug: Option<String>,
}

/// What a suggestion stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Department,
    Place,
    Institution,
    Article,
}

/// The best names, at most `limit`.
pub(super) fn candidates(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    key: &str,
    limit: usize,
) -> Result<Vec<Candidate>, ApiError> {
    let mut all = departments(index, facts, key, limit)?;
    all.extend(places(index, facts, key, limit)?);
    all.extend(documents(index, key, limit)?);
    Ok(chosen(all, limit))
}

/// Those that are shown. Each kind has a share of the room, and what one leaves the others fill.
pub(super) fn chosen(mut all: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    all.sort();
    let mut shares = [limit.div_ceil(4), limit.div_ceil(3), 0, limit.div_ceil(4)];
    let count = |what| {
        all.iter()
            .filter(|candidate| candidate.what == what)
            .count()
    };
    let others = [What::Department, What::Place, What::Article];
    let taken: usize = others
        .into_iter()
        .map(|what| count(what).min(shares[what as usize]))
        .sum();
    shares[What::Institution as usize] = limit.saturating_sub(taken).max(1);
    let (mut chosen, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|candidate| {
        let share = &mut shares[candidate.what as usize];
        let has_room = *share > 0;
        *share = share.saturating_sub(1);
        has_room
    });
    chosen.extend(rest.into_iter().take(limit.saturating_sub(chosen.len())));
    chosen.sort();
    chosen.truncate(limit);
    chosen
}

fn departments(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    key: &str,
    limit: usize,
) -> Result<Vec<Candidate>, ApiError> {
    let mut candidates = BTreeSet::new();
    for facts in facts {
        for (name, former) in &facts.departments {
            let own = facts.keys.get(name).map_or("", String::as_str);
            let former = former.as_deref().map(analyzers::jamo_key);
            let matching = [Some(own), former.as_deref()].into_iter().flatten();
            if let Some(matching) = matching.into_iter().find(|name| name.starts_with(key)) {
                let candidate = named(What::Department, name, "진료과".to_owned(), matching, key);
                candidates.insert(candidate);
            }
        }
    }
    let department = |candidate: &Candidate| vec![is(index.fields.department, &candidate.text)];
    still_there(
        index,
        candidates
            .into_iter()
            .map(|candidate| (department(&candidate), candidate)),
        limit,
    )
}

fn places(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    key: &str,
    limit: usize,
) -> Result<Vec<Candidate>, ApiError> {
    let mut candidates = BTreeSet::new();
    for facts in facts {
        for place in &facts.places {
            let own = facts.keys.get(place.name()).map_or("", String::as_str);
            if own.starts_with(key) {
                let (level, around) = match (&place.sigungu, &place.eupmyeondong) {
                    (None, None) => (0, "시도".to_owned()),
                    (Some(sigungu), Some(_)) => (2, format!("{} {sigungu}", place.sido)),
                    _ => (1, place.sido.clone()),
                };
                let candidate = named(What::Place, place.name(), around, own, key);
                candidates.insert((Candidate { level, ..candidate }, place.clone()));
            }
        }
    }
    let clauses = |place: &Place| {
        let fields = &index.fields;
        let mut clauses = vec![is(fields.sido, &place.sido)];
        clauses.extend(place.sigungu.as_ref().map(|name| is(fields.sigungu, name)));
        clauses.extend(
            place
                .eupmyeondong
                .as_ref()
                .map(|name| is(fields.eupmyeondong, name)),
        );
        clauses
    };
    still_there(
        index,
        candidates
            .into_iter()
            .map(|(candidate, place)| (clauses(&place), candidate)),
        limit,
    )
}

pub(super) fn named(
    what: What,
    text: &str,
    detail: String,
    key_of_it: &str,
    key: &str,
) -> Candidate {
    Candidate {
        is_longer: key_of_it != key,
        what,
        is_later_word: false,
        level: 0,
        letters: key_of_it.chars().count(),
        text: text.to_owned(),
        detail,
        id: None,
        slug: None,
    }
}

/// Those of which a document is left: segments remember the names of deleted ones too.
fn still_there(
    index: &LiveIndex,
    candidates: impl Iterator<Item = (Vec<Box<dyn Query>>, Candidate)>,
    limit: usize,
) -> Result<Vec<Candidate>, ApiError> {
    let mut left = Vec::new();
    for (clauses, candidate) in candidates.take(limit * NAMES_PER_SUGGESTION) {
        if left.len() < limit
            && index
                .searcher
                .search(&BooleanQuery::intersection(clauses), &Count)?
                > 0
        {
            left.push(candidate);
        }
    }
    Ok(left)
}

/// Institutions and articles, of the shortest names.
fn documents(index: &LiveIndex, key: &str, limit: usize) -> Result<Vec<Candidate>, ApiError> {
    let mut shortest: BinaryHeap<(usize, String)> = BinaryHeap::new();
    let names_max = limit * NAMES_PER_SUGGESTION;
    for segment in index.searcher.segment_readers() {
        let inverted = segment.inverted_index(index.fields.suggest)?;
        let mut terms = inverted.terms().range().ge(key).into_stream()?;
        for _ in 0..TERMS_MAX {
            if !terms.advance() || !terms.key().starts_with(key.as_bytes()) {
                break;
            }
            let longest = shortest.peek().map_or(0, |(length, _)| *length);
            if shortest.len() >= names_max && terms.key().len() >= longest {
                continue;
            }
            let term = String::from_utf8_lossy(terms.key()).into_owned();
            if !shortest.iter().any(|(_, name)| *name == term) {
                shortest.push((term.len(), term));
            }
            if shortest.len() > names_max {
                shortest.pop();
            }
        }
    }
    let mut candidates = BTreeSet::new();
    for (_, term) in shortest.into_sorted_vec() {
        for address in namesakes(index, &term)? {
            candidates.insert(of_document(index, address, &term, key)?);
        }
    }
    Ok(candidates.into_iter().flatten().collect())
}

/// Some documents with this name.
fn namesakes(index: &LiveIndex, term: &str) -> Result<Vec<DocAddress>, ApiError> {
    let mut addresses = Vec::new();
    let term = tantivy::Term::from_field_text(index.fields.suggest, term);
    for (ordinal, segment) in index.searcher.segment_readers().iter().enumerate() {
        let inverted = segment.inverted_index(index.fields.suggest)?;
        let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED && addresses.len() < NAMESAKES_MAX {
            if !segment.is_deleted(postings.doc()) {
                addresses.push(DocAddress::new(ordinal as u32, postings.doc()));
            }
            postings.advance();
        }
    }
    Ok(addresses)
}

fn of_document(
    index: &LiveIndex,
    address: DocAddress,
    term: &str,
    key: &str,
) -> Result<Option<Candidate>, ApiError> {
    let document: TantivyDocument = index.searcher.doc(address)?;
    let source = source_of(&document, &index.fields).unwrap_or_default();
    Ok(of(parse_source(source)?, term, key))
}

/// The candidate of a document that is found by `term`; holidays have none.
pub(super) fn of(document: Document, term: &str, key: &str) -> Option<Candidate> {
    let candidate = match document {
        Document::Institution(institution) => {
            let place = [&institution.sido, &institution.sigungu]
                .into_iter()
                .flatten();
            let place: Vec<&str> = place.map(String::as_str).collect();
            let detail = institution
                .address
                .clone()
                .unwrap_or_else(|| place.join(" "));
            let candidate = named(What::Institution, &institution.name, detail, term, key);
            Candidate {
                id: Some(institution.id),
                ..candidate
            }
        }
        Document::Article(article) => {
            let candidate = named(
                What::Article,
                &article.title,
                article.topics.join(" · "),
                term,
                key,
            );
            Candidate {
                id: Some(article.id),
                slug: Some(article.slug.clone()),
                ..candidate
            }
        }
        // None of the others has a name to suggest.
        _ => return None,
    };
    let is_later_word = !analyzers::jamo_key(&candidate.text).starts_with(key);
    Some(Candidate {
        is_later_word,
        ..candidate
    })
}
