//! How good rankings are, by kind of question: hit@1, hit@10, MRR@10 and nDCG@10.

use std::collections::BTreeMap;
use std::fmt;

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
        let first = grades.iter().position(|grade| *grade > 0);
        sums.questions += 1;
        sums.hit_at_1 += f64::from(u8::from(first == Some(0)));
        sums.hit_at_10 += f64::from(u8::from(first.is_some()));
        sums.reciprocal_rank += first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
        let best = discounted_gain(ideal);
        if best > 0.0 {
            sums.ndcg += discounted_gain(grades) / best;
        }
    }

    /// The share of questions of a kind that have an answer among their first ten hits.
    #[cfg(test)]
    fn hit_at_10(&self, kind: &str) -> Option<f64> {
        let sums = self.by_kind.get(kind)?;
        Some(sums.hit_at_10 / sums.questions as f64)
    }
}

/// Σ (2^grade − 1) / log₂(rank + 1): Burges and others, “Learning to Rank using Gradient Descent” (2005).
fn discounted_gain(grades: &[u8]) -> f64 {
    let gain = |(index, grade): (usize, &u8)| {
        (f64::from(*grade).exp2() - 1.0) / ((index + 2) as f64).log2()
    };
    grades.iter().take(DEPTH).enumerate().map(gain).sum()
}

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["kind", "questions", "hit@1", "hit@10", "MRR@10", "nDCG@10"];
        writeln!(
            f,
            "{:<24}{:>10}{:>9}{:>9}{:>9}{:>9}",
            head[0], head[1], head[2], head[3], head[4], head[5]
        )?;
        let mut all = Sums::default();
        for (kind, sums) in &self.by_kind {
            write_line(f, kind, sums)?;
            all.questions += sums.questions;
            all.hit_at_1 += sums.hit_at_1;
            all.hit_at_10 += sums.hit_at_10;
            all.reciprocal_rank += sums.reciprocal_rank;
            all.ndcg += sums.ndcg;
        }
        if self.by_kind.len() > 1 {
            write_line(f, "all", &all)?;
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, kind: &str, sums: &Sums) -> fmt::Result {
    let mean = |sum: f64| sum / sums.questions.max(1) as f64;
    writeln!(
        f,
        "{kind:<24}{:>10}{:>9.4}{:>9.4}{:>9.4}{:>9.4}",
        sums.questions,
        mean(sums.hit_at_1),
        mean(sums.hit_at_10),
        mean(sums.reciprocal_rank),
        mean(sums.ndcg)
    )
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
        assert_eq!(measures.hit_at_10("one answer"), Some(0.5));
        assert!((sums.ndcg - 1.0 / 3_f64.log2()).abs() < 1e-9);
        measures.add("graded", &[1, 2], &[2, 1]);
        let expected = (1.0 + 3.0 / 3_f64.log2()) / (3.0 + 1.0 / 3_f64.log2());
        assert!((measures.by_kind["graded"].ndcg - expected).abs() < 1e-9);
        // What comes after the tenth does not count.
        let mut late = [0; 11];
        late[10] = 1;
        measures.add("late", &late, &[1]);
        assert_eq!(measures.hit_at_10("late"), Some(0.0));
    }
}
