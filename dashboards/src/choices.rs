//! What a patient chose on the search page: the words and filters of its address, and the addresses one click away.

use std::collections::BTreeMap;

use reqwest::Url;

/// Filters of institutions that are on or off.
pub(crate) const SWITCHES: [(&str, &str); 8] = [
    ("open_now", "지금 열림"),
    ("night", "야간"),
    ("lunch", "점심시간"),
    ("weekend", "주말"),
    ("holiday", "공휴일"),
    ("always", "24시간"),
    ("emergency", "응급실"),
    ("parking", "주차"),
];

/// Only what was typed is searched for, not what was probably meant.
pub(crate) const AS_TYPED: &str = "as_typed";

/// What the API is asked of institutions.
const INSTITUTION_KEYS: [&str; 22] = [
    "q",
    AS_TYPED,
    "open_now",
    "night",
    "lunch",
    "weekend",
    "holiday",
    "always",
    "emergency",
    "parking",
    "specialists_min",
    "kind",
    "department",
    "sido",
    "sigungu",
    "eupmyeondong",
    "lat",
    "lng",
    "radius_km",
    "open_at",
    "sort",
    "page",
];
/// What the API is asked of articles.
const ARTICLE_KEYS: [&str; 6] = ["q", AS_TYPED, "topic", "department", "sort", "page"];
/// Filters that may have several values at once: any of them will do.
const LISTS: [&str; 3] = ["kind", "department", "topic"];
/// What another choice makes pointless: a district goes with its province, a radius with the place, another time with now; and other
/// words may be meant otherwise again.
const FOLLOWERS: [(&str, &[&str]); 5] = [
    ("q", &[AS_TYPED]),
    ("open_now", &["open_at"]),
    ("sido", &["sigungu", "eupmyeondong"]),
    ("sigungu", &["eupmyeondong"]),
    ("lat", &["lng", "radius_km", "sort"]),
];

/// The choices in the address of the search page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Choices {
    /// From the pairs of a query. What is unknown, empty or off is left out; of a name that may be given once, the last
    /// one counts.
    pub(crate) fn parse(pairs: Vec<(String, String)>) -> Self {
        let mut choices = Self::default();
        for (key, value) in pairs {
            let known = INSTITUTION_KEYS
                .into_iter()
                .chain(["tab", "topic"])
                .find(|known| *known == key);
            let is_switch = key == AS_TYPED || SWITCHES.iter().any(|(switch, _)| *switch == key);
            let value = value.trim();
            if let Some(key) = known
                && !value.is_empty()
                && (!is_switch || value == "true")
            {
                choices.add(key, value);
            }
        }
        choices
    }

    fn add(&mut self, key: &'static str, value: &str) {
        let values = self.values.entry(key).or_default();
        if !LISTS.contains(&key) {
            values.clear();
        }
        if !values.iter().any(|chosen| chosen == value) {
            values.push(value.to_owned());
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.all(key).first().map(String::as_str)
    }

    /// All values of a choice.
    pub(crate) fn all(&self, key: &str) -> &[String] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether the choice has that value.
    pub(crate) fn has(&self, key: &str, value: &str) -> bool {
        self.all(key).iter().any(|chosen| chosen == value)
    }

    /// The words of the search.
    pub(crate) fn words(&self) -> &str {
        self.get("q").unwrap_or_default()
    }

    pub(crate) fn wants_articles(&self) -> bool {
        self.has("tab", "articles")
    }

    /// With one choice more, or another value of it; from the first page on.
    pub(crate) fn with(&self, key: &'static str, value: &str) -> Self {
        let mut choices = if LISTS.contains(&key) {
            self.without("page")
        } else {
            self.without(key)
        };
        choices.add(key, value);
        choices
    }

    /// Without a choice and those that depend on it; from the first page on.
    pub(crate) fn without(&self, key: &str) -> Self {
        let mut choices = self.clone();
        let followers = FOLLOWERS.iter().find(|(leader, _)| *leader == key);
        let followers = followers.map_or(&[][..], |(_, followers)| followers);
        choices
            .values
            .retain(|chosen, _| *chosen != key && *chosen != "page" && !followers.contains(chosen));
        choices
    }

    /// The value chosen if it was not, and not if it was.
    pub(crate) fn toggled(&self, key: &'static str, value: &str) -> Self {
        if !self.has(key, value) {
            return self.with(key, value);
        }
        let mut rest = self.without(key);
        for other in self.all(key).iter().filter(|other| *other != value) {
            rest.add(key, other);
        }
        rest
    }

    /// The same words in the other tab; filters of the one mean nothing in the other, but for the department.
    pub(crate) fn in_tab(&self, tab: &str) -> Self {
        let mut choices = self.clone();
        choices
            .values
            .retain(|key, _| ["q", AS_TYPED, "department"].contains(key));
        if tab == "articles" {
            choices.add("tab", tab);
        }
        choices
    }

    pub(crate) fn on_page(&self, page: u64) -> Self {
        self.with("page", &page.to_string())
    }

    /// The address of the search page with these choices.
    pub(crate) fn address(&self) -> String {
        address("/search", self.pairs())
    }

    /// The choices that the form of the search box keeps: everything but the words, how they are read, and the page.
    pub(crate) fn kept(&self) -> Vec<(&'static str, String)> {
        self.kept_but(&["q", AS_TYPED, "page"])
    }

    /// Everything but these choices, for a form that asks for them.
    pub(crate) fn kept_but(&self, asked: &[&str]) -> Vec<(&'static str, String)> {
        let kept = self.pairs().filter(|(key, _)| !asked.contains(key));
        kept.map(|(key, value)| (key, value.to_owned())).collect()
    }

    pub(crate) fn of_institutions(&self) -> Vec<(&str, &str)> {
        self.pairs()
            .filter(|(key, _)| INSTITUTION_KEYS.contains(key))
            .collect()
    }

    pub(crate) fn of_articles(&self) -> Vec<(&str, &str)> {
        self.pairs()
            .filter(|(key, _)| ARTICLE_KEYS.contains(key))
            .collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .flat_map(|(key, values)| values.iter().map(|value| (*key, value.as_str())))
    }
}

/// A path of ours with a query.
pub(crate) fn address<'a>(
    path: &str,
    pairs: impl Iterator<Item = (&'static str, &'a str)>,
) -> String {
    let mut url = Url::parse("http://here").expect("an address without a surprise");
    url.query_pairs_mut().extend_pairs(pairs);
    match url.query() {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(query: &str) -> Choices {
        let url = Url::parse(&format!("http://here/search?{query}")).unwrap();
        Choices::parse(url.query_pairs().into_owned().collect())
    }

    #[test]
    fn a_chip_toggles_itself_and_keeps_the_rest() {
        let here = choices("q=감기&night=true&kind=clinic&page=3");
        assert_eq!(here.toggled("night", "true"), choices("q=감기&kind=clinic"));
        let both = choices("q=감기&night=true&kind=clinic&kind=pharmacy");
        assert_eq!(here.toggled("kind", "pharmacy"), both);
        assert_eq!(both.toggled("kind", "pharmacy"), here.without("page"));
        assert_eq!(
            here.toggled("night", "true").toggled("night", "true"),
            here.without("page")
        );
    }

    #[test]
    fn what_depends_on_a_choice_goes_with_it() {
        let here = choices(
            "sido=서울특별시&sigungu=강남구&eupmyeondong=역삼동&lat=37.5&lng=127&radius_km=3&sort=distance",
        );
        let elsewhere = here.with("sido", "부산광역시");
        assert_eq!(
            elsewhere,
            choices("sido=부산광역시&lat=37.5&lng=127&radius_km=3&sort=distance")
        );
        assert_eq!(elsewhere.without("lat"), choices("sido=부산광역시"));
    }

    #[test]
    fn words_are_taken_as_they_are_until_there_are_others() {
        let here = choices("q=tjdnf&as_typed=true&department=내과");
        assert_eq!(here.in_tab("articles").get(AS_TYPED), Some("true"));
        assert_eq!(here.toggled("night", "true").get(AS_TYPED), Some("true"));
        assert_eq!(here.with("q", "서울"), choices("q=서울&department=내과"));
        assert!(here.kept().iter().all(|(key, _)| *key == "department"));
        assert_eq!(choices("q=a&as_typed=yes"), choices("q=a"));
    }

    #[test]
    fn an_address_says_the_same_when_it_is_read_again() {
        let here = choices("q=a%26b%3D%3Cscript%3E&department=내과&open_now=true");
        let query = here.address();
        assert!(!query.contains('<'), "{query}");
        assert_eq!(choices(query.strip_prefix("/search?").unwrap()), here);
    }

    #[test]
    fn what_is_unknown_empty_or_off_is_left_out() {
        assert_eq!(
            choices("q=+&night=false&weekend=yes&utm=1").address(),
            "/search"
        );
    }
}
