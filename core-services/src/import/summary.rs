//! The outcome of an import, in figures that add up.

use std::fmt;

use crate::db::Upserted;

/// What an import did. `read == inserted + changed + unchanged + rejected`, always.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Rows (or articles) that were read.
    pub read: u64,
    /// Rows that were not in the table.
    pub inserted: u64,
    /// Rows that differed from the table.
    pub changed: u64,
    /// Rows that were equal and were not touched.
    pub unchanged: u64,
    /// Rows that could not be used; they are in the rejects.
    pub rejected: u64,
    /// Whether it was told to stop before the end. Run it again to complete it.
    pub cut_short: bool,
}

impl Summary {
    /// Adds a batch of rows that were upserted.
    pub(crate) fn add_upserted(&mut self, upserted: Upserted) {
        self.read += upserted.inserted + upserted.changed + upserted.unchanged;
        self.inserted += upserted.inserted;
        self.changed += upserted.changed;
        self.unchanged += upserted.unchanged;
    }

    /// Adds a row that was rejected.
    pub(crate) fn add_rejected(&mut self) {
        self.read += 1;
        self.rejected += 1;
    }

    /// Adds the outcome of another import, for the sum of several files.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.inserted += other.inserted;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.rejected += other.rejected;
        self.cut_short |= other.cut_short;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "읽음 {} = 추가 {} + 변경 {} + 그대로 {} + 거부 {}",
            Grouped(self.read),
            Grouped(self.inserted),
            Grouped(self.changed),
            Grouped(self.unchanged),
            Grouped(self.rejected),
        )?;
        if self.cut_short {
            formatter.write_str(" (도중에 멈춤: 다시 실행하면 이어서 끝냅니다)")?;
        }
        Ok(())
    }
}

/// A number with commas: 5,596.
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                formatter.write_str(",")?;
            }
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_shown_in_korean_with_commas() {
        let summary = Summary {
            read: 1_005_596,
            inserted: 1_005_573,
            rejected: 23,
            ..Summary::default()
        };
        assert_eq!(
            summary.to_string(),
            "읽음 1,005,596 = 추가 1,005,573 + 변경 0 + 그대로 0 + 거부 23"
        );
    }
}
