//! Places in a query: districts, neighbourhoods, stations and landmarks, by the names that people give them.
//!
//! `data/places.tsv` has them; several places share a name (중구, 광주), and a name that follows another narrows it down (부산 중구).

use std::sync::Arc;

use analyzers::{Analyzer, Phrases, Words, terms};
use indexer::documents::Point;

/// The places that come with the program; the head of the file tells the form.
const PLACES: &str = include_str!("../../data/places.tsv");

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PlaceKind {
    /// Province or metropolitan city (시도).
    Sido,
    /// City, county or district (시군구).
    Sigungu,
    /// Town or neighbourhood (읍면동).
    Dong,
    /// Station (역).
    Station,
    /// University, market, new town …
    Landmark,
}

/// A place.
#[derive(Debug)]
pub(crate) struct KnownPlace {
    pub(crate) name: String,
    pub(crate) kind: PlaceKind,
    pub(crate) sido: String,
    /// The district that it is, or lies in; of a city with districts of its own, these too.
    pub(crate) sigungu: Vec<String>,
    pub(crate) point: Option<Point>,
}

/// The places by their names.
#[derive(Debug)]
pub(crate) struct Places {
    phrases: Phrases<Vec<Arc<KnownPlace>>>,
}

/// A stretch of a query that names a place.
pub(crate) struct Named {
    /// How many terms it takes.
    pub(crate) length: usize,
    /// What it may be.
    pub(crate) places: Vec<Arc<KnownPlace>>,
}

impl Places {
    pub(crate) fn new(analyzer: &Analyzer) -> Self {
        let mut phrases: Phrases<Vec<Arc<KnownPlace>>> = Phrases::default();
        let inner: Vec<&str> = lines().filter_map(inner_district).collect();
        // A test makes sure that every line can be read.
        for (mut place, aliases) in known_places() {
            let is_within = |district: &&&str| {
                place.sigungu.iter().any(|city| {
                    let rest = district.strip_prefix(city.as_str());
                    rest.is_some_and(|rest| rest.starts_with(' '))
                })
            };
            let within = inner.iter().filter(is_within);
            let within: Vec<String> = within.map(|district| (*district).to_owned()).collect();
            place.sigungu.extend(within);
            let place = Arc::new(place);
            let aliases = aliases.split(',').map(str::trim);
            for name in aliases
                .filter(|name| !name.is_empty())
                .chain([place.name.as_str()])
            {
                if let Some(places) = phrases.entry(terms(analyzer, name)) {
                    places.push(Arc::clone(&place));
                }
            }
        }
        Self { phrases }
    }

    /// The names of the places, without the other ways to call them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        lines().filter_map(|line| line.split('\t').next())
    }

    /// The place that is named from a term on: as many names in a row as narrow each other down.
    pub(crate) fn find(&self, words: &Words<'_>, at: usize, end: usize) -> Option<Named> {
        let (mut length, places) = self.phrases.longest(words, at, end)?;
        let mut places = places.clone();
        while let Some((more, inner)) = self.phrases.longest(words, at + length, end) {
            let within = |place: &&Arc<KnownPlace>| places.iter().any(|around| around.holds(place));
            let inside: Vec<_> = inner.iter().filter(within).cloned().collect();
            if inside.is_empty() {
                break;
            }
            (length, places) = (length + more, inside);
        }
        Some(Named { length, places })
    }
}

impl KnownPlace {
    /// Whether a smaller place lies in this one.
    fn holds(&self, other: &Self) -> bool {
        let is_inside = match self.kind {
            PlaceKind::Sido => true,
            PlaceKind::Sigungu => other.sigungu.iter().all(|one| self.sigungu.contains(one)),
            _ => false,
        };
        is_inside && self.sido == other.sido && self.kind <= other.kind && self.name != other.name
    }
}

/// Every place of the file with its other names.
pub(crate) fn known_places() -> impl Iterator<Item = (KnownPlace, &'static str)> {
    lines().filter_map(parse)
}

pub(super) fn lines() -> impl Iterator<Item = &'static str> {
    PLACES.lines().filter(|line| !line.starts_with('#'))
}

/// The place of a line, and its other names; `None` when it has not seven columns with what belongs there.
pub(super) fn parse(line: &'static str) -> Option<(KnownPlace, &'static str)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[name, kind, sido, sigungu, latitude, longitude, aliases] = &columns[..] else {
        return None;
    };
    let kind = match kind {
        "sido" => PlaceKind::Sido,
        "sigungu" | "gu" => PlaceKind::Sigungu,
        "dong" => PlaceKind::Dong,
        "station" => PlaceKind::Station,
        "landmark" => PlaceKind::Landmark,
        _ => return None,
    };
    let sigungu = Some(sigungu).filter(|sigungu| !sigungu.is_empty());
    let point = match (latitude, longitude) {
        ("", "") => None,
        (latitude, longitude) => Some(Point {
            latitude: latitude.parse().ok()?,
            longitude: longitude.parse().ok()?,
        }),
    };
    let place = KnownPlace {
        name: name.to_owned(),
        kind,
        sido: sido.to_owned(),
        sigungu: sigungu.map(str::to_owned).into_iter().collect(),
        point,
    };
    Some((place, aliases))
}

/// The district of a line if it lies within a city: addresses there say `수원시 영통구`.
fn inner_district(line: &'static str) -> Option<&'static str> {
    let mut columns = line.split('\t').skip(1);
    (columns.next() == Some("gu")).then(|| columns.nth(1))?
}
