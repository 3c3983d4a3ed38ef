//! How good rankings are, by kind of question: hit@1, hit@10, MRR@10 and nDCG@10.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;

use super::collections::read;

/// Ranks that count.
pub(super) const DEPTH: usize = 10;

/// Sums over questions.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    questions: usize,
    hit_at_1: f64,
    hit_at_10: f64,
    reciprocal_rank: f64,
    ndcg: f64,
}

/// The measures by kind of question, in the order of their names, and over all.
#[derive(Debug, Default)]
pub(super) struct Measures {
    by_kind: BTreeMap<String, Sums>,
}

impl Measures {
    /// Adds a question: the grades of its hits in their order (0: wrong), and the best grades that there are, best first.
    pub(super) fn add(&mut self, kind: &str, grades: &[u8], ideal: &[u8]) {
        let sums = self.by_kind.entry(kind.to_owned()).or_default();
        let grades = &grades[..grades.len().min(DEPTH)];
        let best = ideal.first().copied().unwrap_or(0);
        // A hit is one of the best answers; lesser ones count for nDCG only.
        let first = grades.iter().position(|grade| *grade > 0 && *grade == best);
        sums.questions += 1;
        sums.hit_at_1 += f64::from(u8::from(first == Some(0)));
        sums.hit_at_10 += f64::from(u8::from(first.is_some()));
        sums.reciprocal_rank += first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
        let best = discounted_gain(ideal);
        if best > 0.0 {
            sums.ndcg += discounted_gain(grades) / best;
        }
    }

    /// A measure by its name in the table, of a kind or of `all`.
    pub(super) fn value(&self, kind: &str, measure: &str) -> Option<f64> {
        let sums = match kind {
            "all" => self.all(),
            kind => *self.by_kind.get(kind)?,
        };
        let column = NAMES.iter().position(|name| *name == measure)?;
        Some(sums.means()[column])
    }

    fn all(&self) -> Sums {
        let mut all = Sums::default();
        for sums in self.by_kind.values() {
            all.questions += sums.questions;
            all.hit_at_1 += sums.hit_at_1;
            all.hit_at_10 += sums.hit_at_10;
            all.reciprocal_rank += sums.reciprocal_rank;
            all.ndcg += sums.ndcg;
        }
        all
    }
}

impl Sums {
    /// In the order of [`NAMES`].
    fn means(&self) -> [f64; 4] {
        [
            self.hit_at_1,
            self.hit_at_10,
            self.reciprocal_rank,
            self.ndcg,
        ]
        .map(|sum| sum / self.questions.max(1) as f64)
    }
}

/// Measures that must be reached.
pub(super) struct Floors(Vec<Floor>);

struct Floor {
    kind: String,
    measure: String,
    value: f64,
}

impl Floors {
    /// Reads a file of `kind⇥measure⇥value`; `#` begins a comment.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = read(file)?;
        let lines = text.lines().enumerate();
        let lines = lines.filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
        let floor = |(index, line): (usize, &str)| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default().trim().to_owned();
            let (kind, measure, value) = (column(), column(), column());
            let value = value
                .parse()
                .ok()
                .filter(|_| NAMES.contains(&measure.as_str()));
            let value = value.with_context(|| {
                let (file, line, names) = (file.display(), index + 1, NAMES.join(", "));
                format!("{file}, line {line}: expected kind, measure ({names}) and value")
            })?;
            Ok(Floor {
                kind,
                measure,
                value,
            })
        };
        lines.map(floor).collect::<anyhow::Result<_>>().map(Self)
    }

    /// A line for each measure that was not reached.
    pub(super) fn fallen(&self, measures: &Measures) -> Vec<String> {
        let fallen = self.0.iter().filter_map(|floor| {
            let Floor {
                kind,
                measure,
                value: wanted,
            } = floor;
            match measures.value(kind, measure) {
                Some(value) if value >= *wanted => None,
                Some(value) => Some(format!("{kind}: {measure} is {value:.4}, below {wanted}")),
                None => Some(format!("{kind}: no question was asked")),
            }
        });
        fallen.collect()
    }
}

/// Σ (2^grade − 1) / log₂(rank + 1): Burges and others, “Learning to Rank using Gradient Descent” (2005).
fn discounted_gain(grades: &[u8]) -> f64 {
    let gain = |(index, grade): (usize, &u8)| {
        (f64::from(*grade).exp2() - 1.0) / ((index + 2) as f64).log2()
    };
    grades.iter().take(DEPTH).enumerate().map(gain).sum()
}

const NAMES: [&str; 4] = ["hit@1", "hit@10", "MRR@10", "nDCG@10"];

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<24}{:>10}", "kind", "questions")?;
        NAMES.iter().try_for_each(|name| write!(f, "{name:>9}"))?;
        writeln!(f)?;
        let all = (self.by_kind.len() > 1).then(|| ("all", self.all()));
        let kinds = self.by_kind.iter();
        for (kind, sums) in kinds.map(|(kind, sums)| (kind.as_str(), *sums)).chain(all) {
            write!(f, "{kind:<24}{:>10}", sums.questions)?;
            let means = sums.means();
            means.iter().try_for_each(|mean| write!(f, "{mean:>9.4}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rankings_are_measured_as_the_papers_say() {
        let mut measures = Measures::default();
        measures.add("one answer", &[0, 1], &[1]);
        measures.add("one answer", &[], &[1]);
        let sums = measures.by_kind["one answer"];
        assert_eq!((sums.hit_at_1, sums.reciprocal_rank), (0.0, 0.5));
        assert_eq!(measures.value("one answer", "hit@10"), Some(0.5));
        assert!((sums.ndcg - 1.0 / 3_f64.log2()).abs() < 1e-9);
        measures.add("graded", &[1, 2], &[2, 1]);
        let expected = (1.0 + 3.0 / 3_f64.log2()) / (3.0 + 1.0 / 3_f64.log2());
        assert!((measures.by_kind["graded"].ndcg - expected).abs() < 1e-9);
        // What comes after the tenth does not count.
        let mut late = [0; 11];
        late[10] = 1;
        measures.add("late", &late, &[1]);
        assert_eq!(measures.value("late", "hit@10"), Some(0.0));
    }
}
