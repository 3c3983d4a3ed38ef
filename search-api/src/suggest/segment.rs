//! What suggestions are made of in one segment of the index. Segments never change, so this is read once for each.

use std::collections::{BTreeMap, BTreeSet};

use indexer::schema::Fields;
use tantivy::SegmentReader;
use tantivy::schema::Field;

use super::crowds::Crowds;
use super::gazetteer;
use super::names::{Name, Names, What};
use crate::error::ApiError;
use crate::segments::{ArticleName, Place};

/// The names of a segment.
pub(crate) struct SegmentNames {
    /// Its departments, places and articles, some of documents that have been deleted since.
    pub(super) names: Names,
    /// Of the fields that institutions are looked up in.
    crowds: [(Field, Crowds); 3],
}

impl SegmentNames {
    pub(crate) fn read(
        segment: &SegmentReader,
        fields: &Fields,
        departments: &BTreeMap<String, Option<String>>,
        places: &BTreeSet<Place>,
        articles: &[ArticleName],
    ) -> Result<Self, ApiError> {
        let departments = departments.iter().map(|(name, former)| {
            let others = former.as_deref().into_iter().collect();
            let name = Name::new(What::Department, name, "진료과".to_owned());
            (name, others)
        });
        let places = places
            .iter()
            .map(|place| (gazetteer::of(place.clone()), Vec::new()));
        let articles = articles.iter().map(|article| {
            let name = Name {
                id: Some(article.id),
                slug: Some(article.slug.clone()),
                ..Name::new(What::Article, &article.title, article.topics.join(" · "))
            };
            (name, Vec::new())
        });
        let crowds = |field| -> Result<_, ApiError> {
            let dictionary = segment.inverted_index(field)?;
            Ok((field, Crowds::read(dictionary.terms())?))
        };
        Ok(Self {
            names: Names::new(departments.chain(places).chain(articles)),
            crowds: [
                crowds(fields.name_key)?,
                crowds(fields.suggest)?,
                crowds(fields.name_initials)?,
            ],
        })
    }

    /// The shortest terms of a field with a beginning that very many have, as ordinals.
    pub(super) fn crowd(&self, field: Field, beginning: &str) -> Option<&[u64]> {
        let (_, crowds) = self.crowds.iter().find(|(known, _)| *known == field)?;
        crowds.get(beginning)
    }
}
