//! What suggestions are made of in one segment of the index. Segments never change, so this is read once for each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexer::schema::Fields;
use tantivy::SegmentReader;
use tantivy::schema::Field;

use super::crowds::Crowds;
use super::gazetteer::{self, GAZETTEER};
use super::names::{Name, Names, SuggestionType};
use crate::error::ApiError;
use crate::segments::Place;

/// The names of a segment.
pub(crate) struct SegmentNames {
    /// Its departments and places, some of documents that have been deleted since.
    pub(super) names: Names,
    /// Of each name of the gazetteer, whether some document is, or was, there.
    pub(super) is_there: Vec<bool>,
    /// Of the fields that institutions and articles are looked up in.
    crowds: HashMap<Field, Crowds>,
}

impl SegmentNames {
    pub(crate) fn read(
        segment: &SegmentReader,
        fields: &Fields,
        departments: &BTreeMap<String, Option<String>>,
        places: &BTreeSet<Place>,
    ) -> Result<Self, ApiError> {
        let departments = departments.iter().map(|(name, former)| {
            let others = former.as_deref().into_iter().collect();
            let name = Name::new(SuggestionType::Department, name, "진료과".to_owned());
            (name, others)
        });
        let mut crowds = HashMap::new();
        for keys in [fields.names, fields.titles] {
            for field in [keys.whole, keys.words, keys.initials] {
                let dictionary = segment.inverted_index(field)?;
                crowds.insert(field, Crowds::read(dictionary.terms())?);
            }
        }
        let of_places = places.iter();
        let of_places = of_places.map(|place| (gazetteer::of(place.clone()), Vec::new()));
        let is_there = |name: &Name| {
            name.place
                .as_ref()
                .is_none_or(|place| places.contains(place))
        };
        Ok(Self {
            is_there: GAZETTEER.iter().map(is_there).collect(),
            names: Names::new(departments.chain(of_places)),
            crowds,
        })
    }

    /// The shortest terms of a field with a beginning that very many have, as ordinals.
    pub(super) fn crowd(&self, field: Field, beginning: &str) -> Option<&[u32]> {
        self.crowds.get(&field)?.get(beginning)
    }
}
