//! Query strings: each parameter is read once, by name and type; what nobody read is unknown and refused.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use tantivy::collector::TopDocs;

use crate::error::ApiError;

/// Characters of a query; people search with a few words, and each word costs a search of every field.
const QUERY_CHARACTERS_MAX: usize = 200;
/// Characters of any other value; no name in the tables is longer.
const VALUE_CHARACTERS_MAX: usize = 200;
/// Characters of a position, which lists a GTID set of each server that ever wrote.
const POSITION_CHARACTERS_MAX: usize = 2_000;
/// Characters of a shape: those of 100 corners, to more decimals than a map has.
const SHAPE_CHARACTERS_MAX: usize = 4_000;
/// Values of one list; there are fewer kinds and departments than that.
const VALUES_MAX: usize = 50;
/// Hits that can be reached by paging: further pages cost more than anybody reads.
pub(crate) const REACHABLE_MAX: u32 = 10_000;
const PER_PAGE_MAX: u32 = 50;
const PER_PAGE: u32 = 20;

/// The parameters of one request that are still to be read.
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Ok(Query(pairs)) = query else {
            return Err(ApiError::invalid("?", "the query string can't be read"));
        };
        Ok(Self {
            pairs,
            known: Vec::new(),
        })
    }
}

/// The variable part of a route's path.
pub(crate) struct InPath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => Err(ApiError::NotFound("the path is not UTF-8".to_owned())),
        }
    }
}

/// Which hits of all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) number: u32,
    pub(crate) size: u32,
}

impl Page {
    /// The hits of the page, the best of all that are collected.
    pub(crate) fn top(self) -> TopDocs {
        let offset = (self.number - 1) * self.size;
        TopDocs::with_limit(self.size as usize).and_offset(offset as usize)
    }

    /// The hits up to its last.
    pub(crate) fn end(self) -> usize {
        (self.number * self.size) as usize
    }

    /// The hits of the page among the best of all.
    pub(crate) fn of<T>(self, best: Vec<T>) -> impl Iterator<Item = T> {
        let size = self.size as usize;
        best.into_iter().skip(self.end() - size).take(size)
    }

    /// How many pages can be asked for.
    pub(crate) fn count(self, total: usize) -> usize {
        let all = total.div_ceil(self.size as usize);
        all.min((REACHABLE_MAX / self.size) as usize)
    }
}

impl Parameters {
    /// Takes all values of a parameter. Empty ones, which forms send of fields that nobody filled in, are as if absent.
    fn take(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let is_it = |pair: &mut (String, String)| pair.0 == name;
        let taken = self.pairs.extract_if(.., is_it);
        let values = taken.map(|(_, value)| value.trim().to_owned());
        values.filter(|value| !value.is_empty()).collect()
    }

    fn one(&mut self, name: &'static str, length_max: usize) -> Result<Option<String>, ApiError> {
        let mut values = self.take(name);
        if values.len() > 1 {
            let detail = format!("`{name}` may be given once");
            return Err(ApiError::invalid(name, detail));
        }
        let value = values.pop();
        match &value {
            Some(value) if value.chars().count() > length_max => {
                let detail = format!("`{name}` may have {length_max} characters");
                Err(ApiError::invalid(name, detail))
            }
            _ => Ok(value),
        }
    }

    /// What is searched for.
    pub(crate) fn query(&mut self) -> Result<Option<String>, ApiError> {
        self.one("q", QUERY_CHARACTERS_MAX)
    }

    /// A text to analyse.
    pub(crate) fn text(&mut self) -> Result<Option<String>, ApiError> {
        self.one("text", QUERY_CHARACTERS_MAX)
    }

    /// A position of the binlog.
    pub(crate) fn min_position(&mut self) -> Result<Option<String>, ApiError> {
        self.one("min_position", POSITION_CHARACTERS_MAX)
    }

    /// Texts, given by repetition or separated by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Result<Vec<String>, ApiError> {
        let values = self.take(name);
        let parts = values.iter().flat_map(|value| value.split(','));
        let list: Vec<String> = parts
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        let is_too_long = |part: &String| part.chars().count() > VALUE_CHARACTERS_MAX;
        if list.len() > VALUES_MAX || list.iter().any(is_too_long) {
            let detail = format!(
                "`{name}` may have {VALUES_MAX} values of {VALUE_CHARACTERS_MAX} characters"
            );
            return Err(ApiError::invalid(name, detail));
        }
        Ok(list)
    }

    /// A value of which `parse` tells whether it is one, else what it must be.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        self.parsed_of(name, VALUE_CHARACTERS_MAX, expected, parse)
    }

    /// The same of a shape on the map, which takes more characters.
    pub(crate) fn shape<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        self.parsed_of(name, SHAPE_CHARACTERS_MAX, expected, parse)
    }

    fn parsed_of<T>(
        &mut self,
        name: &'static str,
        length_max: usize,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.one(name, length_max)? else {
            return Ok(None);
        };
        match parse(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(ApiError::invalid(
                name,
                format!("`{name}` must be {expected}"),
            )),
        }
    }

    /// A number within a range.
    pub(crate) fn number<T>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>, ApiError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        self.parsed(name, &expected, |text| {
            text.parse().ok().filter(|value| range.contains(value))
        })
    }

    /// `true` or `false`, which is the same as nothing.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, ApiError> {
        let flag = self.parsed(name, "`true` or `false`", |text| text.parse().ok())?;
        Ok(flag.unwrap_or(false))
    }

    /// `page` and `per_page`.
    pub(crate) fn page(&mut self) -> Result<Page, ApiError> {
        let number = self.number("page", 1..=REACHABLE_MAX)?.unwrap_or(1);
        let size = self
            .number("per_page", 1..=PER_PAGE_MAX)?
            .unwrap_or(PER_PAGE);
        if number * size > REACHABLE_MAX {
            let detail =
                format!("`page` times `per_page` may be {REACHABLE_MAX}; narrow the search down");
            return Err(ApiError::invalid("page", detail));
        }
        Ok(Page { number, size })
    }

    /// Refuses what has not been read.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let Some((name, _)) = self.pairs.first() else {
            return Ok(());
        };
        let name: String = name.chars().take(VALUE_CHARACTERS_MAX).collect();
        let detail = format!(
            "there is no parameter `{name}` here; there are {}",
            self.known.join(", ")
        );
        Err(ApiError::invalid(&name, detail))
    }
}
