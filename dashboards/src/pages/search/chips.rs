//! Filter chips: links that put a filter on or off and keep the rest.

use crate::api::FacetValue;
use crate::choices::{Choices, SWITCHES};
use crate::korean;

/// Asks the API for the facets that become chips.
pub(super) const FACETS: (&str, &str) = ("facets", "true");
/// Chips of a group that stand there at once; the rest unfolds.
const CHIPS_SHOWN: usize = 10;

/// A link that puts a filter on or off.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) address: String,
    pub(super) count: Option<String>,
    pub(super) is_chosen: bool,
}

impl Chip {
    /// A link that puts the list into another order.
    pub(super) fn sort(label: &str, choices: &Choices, is_chosen: bool) -> Self {
        Self {
            label: label.to_owned(),
            address: choices.address(),
            count: None,
            is_chosen,
        }
    }
}

/// Chips under a heading.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) chips: Vec<Chip>,
    /// What unfolds.
    pub(super) rest: Vec<Chip>,
}

impl Group {
    /// A chip for each value of a facet, and for chosen ones that no hit has.
    pub(super) fn of_facet(
        title: &'static str,
        choices: &Choices,
        key: &'static str,
        values: &[FacetValue],
    ) -> Option<Self> {
        let mut chips: Vec<_> = values
            .iter()
            .map(|value| Chip {
                label: label(key, &value.value, value.label.as_deref()),
                address: choices.toggled(key, &value.value).address(),
                count: Some(korean::number(value.count)),
                is_chosen: choices.has(key, &value.value),
            })
            .collect();
        chips.sort_by_key(|chip| !chip.is_chosen);
        let rest = chips.split_off(chips.len().min(CHIPS_SHOWN));
        (!chips.is_empty()).then_some(Self { title, chips, rest })
    }

    /// A chip for each bound of a number, such as a distance, in their order.
    pub(super) fn of_bounds(
        title: &'static str,
        choices: &Choices,
        key: &'static str,
        bounds: &[FacetValue],
    ) -> Option<Self> {
        let chip = |bound: &FacetValue| Chip {
            label: label(key, &bound.value, bound.label.as_deref()),
            address: choices.toggled(key, &bound.value).address(),
            count: Some(korean::number(bound.count)),
            is_chosen: choices.has(key, &bound.value),
        };
        (!bounds.is_empty()).then(|| Self {
            title,
            chips: bounds.iter().map(chip).collect(),
            rest: Vec::new(),
        })
    }
}

/// The filters that are on or off, those that are off: the others stand among the chosen ones.
pub(super) fn switches(choices: &Choices, counts: &[FacetValue]) -> Vec<Chip> {
    let off = SWITCHES
        .iter()
        .filter(|(switch, _)| choices.get(switch).is_none());
    off.map(|(switch, label)| Chip {
        label: (*label).to_owned(),
        address: choices.toggled(switch, "true").address(),
        count: counts
            .iter()
            .find(|value| value.value == *switch)
            .map(|value| korean::number(value.count)),
        is_chosen: false,
    })
    .collect()
}

/// Everything that is chosen, each with a link that drops it.
pub(super) fn chosen(choices: &Choices, kinds: &[FacetValue]) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |label: String, address: String| {
        chips.push(Chip {
            label,
            address,
            count: None,
            is_chosen: true,
        });
    };
    if choices.get("lat").is_some() {
        let radius = choices.get("radius_km").map_or(String::new(), |radius| {
            format!(" {}", korean::radius(radius))
        });
        add(format!("내 주변{radius}"), choices.without("lat").address());
    }
    for (switch, label) in SWITCHES {
        if choices.get(switch).is_some() {
            add(label.to_owned(), choices.without(switch).address());
        }
    }
    for key in [
        "kind",
        "department",
        "topic",
        "sido",
        "sigungu",
        "eupmyeondong",
    ] {
        for value in choices.all(key) {
            let known = kinds
                .iter()
                .find(|kind| key == "kind" && kind.value == *value);
            let known = known.and_then(|kind| kind.label.as_deref());
            add(
                label(key, value, known),
                choices.toggled(key, value).address(),
            );
        }
    }
    if let Some(least) = choices.get("specialists_min") {
        add(
            format!("전문의 {least}명 이상"),
            choices.without("specialists_min").address(),
        );
    }
    if let Some(moment) = choices.get("open_at") {
        add(
            format!("{}에 열림", moment.replace('T', " ")),
            choices.without("open_at").address(),
        );
    }
    chips
}

/// What a value is called.
fn label(key: &str, value: &str, known: Option<&str>) -> String {
    match known {
        Some(label) => label.to_owned(),
        None if key == "kind" => korean::kind(value).to_owned(),
        None => value.to_owned(),
    }
}
