//! What people say is wrong with them → departments, and whether to call 119 first. Guidance, never a diagnosis.
//!
//! `data/complaints.tsv` has about 500 complaints in patients' words. People say them in many more, so a query is compared with all forms
//! by the cosine of their tf-idf vectors over terms and pairs of letters (Salton, Wong and Yang 1975), and the nearest complaints vote
//! on the departments, each by its nearness.

use std::collections::HashMap;
use std::sync::Arc;

use analyzers::{Analyzer, bigrams};
use serde::Serialize;
use utoipa::ToSchema;

/// The complaints that come with the program; the head of the file tells the form.
const COMPLAINTS: &str = include_str!("../../data/complaints.tsv");
/// What a pair of letters counts beside a term.
const PAIR_WEIGHT: f32 = 0.35;
/// What a feature that no complaint has counts beside the rarest: it is of unknown meaning.
const UNKNOWN_SHARE: f32 = 0.8;
/// Before a pair, which is something else than the same letters as a term.
const PAIR: char = '+';
/// In fewer words than a sentence, a form has to be said so far.
const FEW_WORDS_SAID_MIN: f32 = 0.8;
/// A query that is less near to every complaint is none.
const NEARNESS_MIN: f32 = 0.3;
/// An emergency is told when one is so near, as a share of the nearest complaint's nearness: rather once too often.
const EMERGENCY_SHARE: f32 = 0.93;
/// But an emergency of which the query does not say so much is likely another complaint with a word in common, and as much less near.
const EMERGENCY_SAID_MIN: f32 = 0.5;
const EMERGENCY_UNSAID: f32 = 0.8;
/// Complaints that vote: the nearest, and those that are nearly as near.
const VOTERS_MAX: usize = 5;
const VOTER_SHARE: f32 = 0.7;
/// A vote is the nearness to this power, which parts the near from the very near.
const VOTE_POWER: i32 = 4;
/// A department that few votes name is not offered.
const DEPARTMENT_SHARE_MIN: f32 = 0.25;

/// How long one may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Urgency {
    /// Nothing is said of it.
    Usual,
    /// A doctor should see it today.
    Soon,
    /// 119, or an emergency room, now.
    Emergency,
}

/// A complaint of the table.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// Its first form.
    pub(crate) text: String,
    /// With weights above 0 up to 1.
    departments: Vec<(String, f32)>,
    pub(crate) urgency: Urgency,
    /// A sentence for the patient.
    pub(crate) note: Option<String>,
}

/// What a query complains of.
#[derive(Debug)]
pub(crate) struct Complained<'a> {
    pub(crate) complaint: &'a Arc<Complaint>,
    /// The usual one first, its weight being 1.
    pub(crate) departments: Vec<(&'a str, f32)>,
}

/// The complaints, to be looked up.
#[derive(Debug)]
pub(crate) struct Complaints {
    complaints: Vec<Arc<Complaint>>,
    /// Which complaint a form is of.
    forms: Vec<usize>,
    /// Feature → forms with its share of their vectors of length 1.
    postings: HashMap<String, Vec<(usize, f32)>>,
    /// Feature → its inverse document frequency.
    idf: HashMap<String, f32>,
    /// That of a feature that no form has.
    idf_max: f32,
}

impl Complaints {
    pub(crate) fn new(analyzer: &Analyzer) -> Self {
        let (mut complaints, mut forms, mut vectors) = (Vec::new(), Vec::new(), Vec::new());
        // A test makes sure that every line can be read.
        for (said, complaint) in lines().filter_map(parse) {
            for form in said {
                forms.push(complaints.len());
                vectors.push(features(analyzer, form));
            }
            complaints.push(Arc::new(complaint));
        }
        let mut idf: HashMap<String, f32> = HashMap::new();
        for feature in vectors.iter().flat_map(HashMap::keys) {
            *idf.entry(feature.clone()).or_default() += 1.0;
        }
        let count = vectors.len() as f32;
        idf.values_mut().for_each(|df| *df = (count / *df).ln());
        let idf_max = count.ln();
        let mut postings: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        for (form, mut vector) in vectors.into_iter().enumerate() {
            weigh(&mut vector, &idf, idf_max);
            for (feature, weight) in vector {
                postings.entry(feature).or_default().push((form, weight));
            }
        }
        Self {
            complaints,
            forms,
            postings,
            idf,
            idf_max,
        }
    }

    /// The complaint that a text is nearest to, if it is one.
    pub(crate) fn find(&self, analyzer: &Analyzer, text: &str) -> Option<Complained<'_>> {
        let terms_min = match text.split_whitespace().count() {
            1 => usize::MAX,
            2 => 2,
            _ => 1,
        };
        let mut query = features(analyzer, text);
        weigh(&mut query, &self.idf, self.idf_max);
        // How near each form is, how much of it the query says, and how many of its terms.
        let mut nearness: HashMap<usize, (f32, f32, usize)> = HashMap::new();
        for (feature, weight) in &query {
            for (form, share) in self.postings.get(feature).into_iter().flatten() {
                let (near, said, terms) = nearness.entry(*form).or_default();
                *near += weight * share;
                *said += share * share;
                *terms += usize::from(!feature.starts_with(PAIR));
            }
        }
        // A complaint is as near as the nearest of its forms.
        let mut nearest: HashMap<usize, f32> = HashMap::new();
        for (form, (mut near, said, terms)) in nearness {
            // A term or two in common of a few words say nothing, unless they are all that is complained of.
            if terms == 0 || (terms < terms_min && said < FEW_WORDS_SAID_MIN) {
                continue;
            }
            let complaint = self.forms[form];
            let is_emergency = self.complaints[complaint].urgency == Urgency::Emergency;
            if is_emergency && said < EMERGENCY_SAID_MIN {
                near *= EMERGENCY_UNSAID;
            }
            let known = nearest.entry(complaint).or_default();
            *known = near.max(*known);
        }
        let mut nearest: Vec<(usize, f32)> = nearest.into_iter().collect();
        nearest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let best = nearest.first().filter(|(_, near)| *near >= NEARNESS_MIN)?.1;
        nearest.truncate(VOTERS_MAX);
        nearest.retain(|(_, near)| *near >= best * VOTER_SHARE);
        let voters: Vec<(&Arc<Complaint>, f32)> = nearest
            .iter()
            .map(|(complaint, near)| (&self.complaints[*complaint], near / best))
            .collect();
        let is_emergency = |(complaint, near): &&(&Arc<Complaint>, f32)| {
            complaint.urgency == Urgency::Emergency && *near >= EMERGENCY_SHARE
        };
        let told = voters.iter().find(is_emergency).or(voters.first())?.0;
        Some(Complained {
            complaint: told,
            departments: vote(told, &voters),
        })
    }
}

/// The departments by their votes; an emergency's own come first.
fn vote<'a>(told: &Arc<Complaint>, voters: &[(&'a Arc<Complaint>, f32)]) -> Vec<(&'a str, f32)> {
    let mut votes: Vec<(&str, f32)> = Vec::new();
    let all = voters.iter().flat_map(|(complaint, near)| {
        let is_told = Arc::ptr_eq(complaint, told) && told.urgency == Urgency::Emergency;
        let near = if is_told { 2.0 } else { near.powi(VOTE_POWER) };
        let departments = complaint.departments.iter();
        departments.map(move |(name, weight)| (name.as_str(), weight * near))
    });
    for (name, weight) in all {
        match votes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += weight,
            None => votes.push((name, weight)),
        }
    }
    votes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let most = votes.first().map_or(1.0, |(_, most)| *most);
    votes.retain(|(_, votes)| *votes >= most * DEPARTMENT_SHARE_MIN);
    votes.iter_mut().for_each(|(_, votes)| *votes /= most);
    votes
}

pub(super) fn lines() -> impl Iterator<Item = &'static str> {
    let lines = COMPLAINTS.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1) // the names of the columns
}

/// The forms and the complaint of a line; `None` when it has not four columns with what belongs there.
pub(super) fn parse(line: &str) -> Option<(Vec<&str>, Complaint)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[said, departments, urgency, note] = &columns[..] else {
        return None;
    };
    let forms: Vec<&str> = said.split(" | ").map(str::trim).collect();
    let department = |entry: &str| {
        let (name, weight) = entry.trim().split_once(':')?;
        Some((name.to_owned(), weight.parse().ok()?))
    };
    let complaint = Complaint {
        text: (*forms.first()?).to_owned(),
        departments: departments
            .split(',')
            .map(department)
            .collect::<Option<_>>()?,
        urgency: match urgency {
            "-" => Urgency::Usual,
            "soon" => Urgency::Soon,
            "emergency" => Urgency::Emergency,
            _ => return None,
        },
        note: (note != "-").then(|| note.to_owned()),
    };
    Some((forms, complaint))
}

/// The terms and pairs of letters of a text, each with what it counts.
fn features(analyzer: &Analyzer, text: &str) -> HashMap<String, f32> {
    let terms = analyzer.analyze(text).into_iter();
    let terms = terms.map(|token| (token.text, 1.0));
    let pairs = bigrams(text).into_iter();
    let pairs = pairs.map(|pair| (format!("{PAIR}{pair}"), PAIR_WEIGHT));
    terms.chain(pairs).collect()
}

/// Multiplies by the inverse document frequencies, and makes the vector's length 1.
fn weigh(vector: &mut HashMap<String, f32>, idf: &HashMap<String, f32>, idf_max: f32) {
    for (feature, weight) in vector.iter_mut() {
        *weight *= idf.get(feature).copied().unwrap_or(idf_max * UNKNOWN_SHARE);
    }
    let squares = vector.values().map(|weight| weight * weight);
    let length = squares.sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.values_mut().for_each(|weight| *weight /= length);
}
