//! The names that come with the program: places with all that they are called, conditions and symptoms.

use std::sync::LazyLock;

use analyzers::conditions;

use super::names::{Name, Names, SuggestionType};
use crate::segments::Place;
use crate::understanding::{KnownPlace, PlaceKind, known_places};

/// They are the same for every index.
pub(super) static GAZETTEER: LazyLock<Names> = LazyLock::new(|| {
    let places = known_places().map(|(place, others)| {
        let others = others.split(',').map(str::trim);
        (of_place(place), others.collect())
    });
    let conditions = conditions().map(|word| {
        let name = Name::new(SuggestionType::Condition, word, "질환·증상".to_owned());
        (name, Vec::new())
    });
    Names::new(places.chain(conditions))
});

fn of_place(known: KnownPlace) -> Name {
    let level = match known.kind {
        PlaceKind::Sido => 0,
        PlaceKind::Sigungu => 1,
        PlaceKind::Dong => 2,
        PlaceKind::Station => 3,
        PlaceKind::Landmark => 4,
    };
    let sigungu = known.sigungu.into_iter().next();
    match known.kind {
        PlaceKind::Station | PlaceKind::Landmark => {
            let around = [Some(known.sido.as_str()), sigungu.as_deref()];
            let around: Vec<&str> = around.into_iter().flatten().collect();
            Name {
                level,
                is_spot: true,
                place: Some(Place {
                    sido: known.sido.clone(),
                    sigungu: sigungu.clone(),
                    eupmyeondong: None,
                }),
                ..Name::new(SuggestionType::Place, &known.name, around.join(" "))
            }
        }
        PlaceKind::Sido | PlaceKind::Sigungu => of(Place {
            sido: known.sido,
            sigungu,
            eupmyeondong: None,
        }),
        PlaceKind::Dong => of(Place {
            sido: known.sido,
            sigungu,
            eupmyeondong: Some(known.name),
        }),
    }
}

/// A place of the address hierarchy.
pub(super) fn of(place: Place) -> Name {
    let (level, around) = match (&place.sigungu, &place.eupmyeondong) {
        (None, None) => (0, "시도".to_owned()),
        (Some(sigungu), Some(_)) => (2, format!("{} {sigungu}", place.sido)),
        (_, eupmyeondong) => (1 + u64::from(eupmyeondong.is_some()), place.sido.clone()),
    };
    Name {
        level,
        place: Some(place.clone()),
        ..Name::new(SuggestionType::Place, place.name(), around)
    }
}
