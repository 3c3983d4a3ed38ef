//! How rare each word is among the articles. They share their index with a thousand times as many institutions, next to which every
//! word of theirs would seem rare, and every text of theirs long.

use std::collections::HashMap;

use indexer::{LiveIndex, Noun};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::error::ApiError;
use crate::text_query::TextQuery;
use crate::weights;

/// What BM25 needs to know of the articles alone.
pub(super) struct Statistics {
    searcher: Searcher,
    body: Field,
    bigrams: Field,
    articles: u64,
    /// In how many articles each term is, in the field in which most have it: a word that is in every text is not rare for being in one
    /// title.
    frequencies: HashMap<String, u64>,
}

impl Statistics {
    pub(super) fn of(index: &LiveIndex, text: &TextQuery) -> Result<Self, ApiError> {
        let (searcher, fields) = (&index.searcher, &index.fields);
        let count = |field, text: &str| searcher.doc_freq(&Term::from_field_text(field, text));
        let mut frequencies = HashMap::new();
        for term in text.marks().into_iter().flatten() {
            let mut most = 0;
            for (field, _) in weights::of_articles(fields) {
                most = count(field, &term)?.max(most);
            }
            frequencies.insert(term, most);
        }
        Ok(Self {
            articles: count(fields.noun, Noun::Article.name())?.max(1),
            frequencies,
            body: fields.body,
            bigrams: fields.bigrams,
            searcher: searcher.clone(),
        })
    }

    /// Whether so many articles have the term that it tells little.
    pub(super) fn is_common(&self, term: &str) -> bool {
        let least = (self.articles as f64 * weights::COMMON_SHARE) as u64;
        self.frequency(term) > least.max(weights::COMMON_MIN)
    }

    /// What tells something where it is found: rows of terms, none of a single one that is in most texts, unless all are.
    pub(super) fn marked(&self, text: &TextQuery) -> Result<Vec<Vec<String>>, ApiError> {
        let mut telling = Vec::new();
        for row in text.marks() {
            if let [term] = &row[..] {
                let term = Term::from_field_text(self.body, term);
                if self.searcher.doc_freq(&term)? * 2 > self.articles {
                    continue;
                }
            }
            telling.push(row);
        }
        Ok(if telling.is_empty() {
            text.marks()
        } else {
            telling
        })
    }

    fn frequency(&self, term: &str) -> u64 {
        self.frequencies.get(term).copied().unwrap_or_default()
    }
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        Bm25StatisticsProvider::total_num_tokens(&self.searcher, field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.articles)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let frequency = match term.value().as_str() {
            Some(text) if term.field() != self.bigrams => self.frequency(text),
            _ => self.searcher.doc_freq(term)?,
        };
        // An article that was deleted may still be counted.
        Ok(frequency.min(self.articles))
    }
}
