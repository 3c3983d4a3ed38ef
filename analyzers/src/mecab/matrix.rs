//! `matrix.bin`: what it costs that one word follows another.

use super::bytes::u16_at;
use crate::Error;

const FILE: &str = "matrix.bin";
const HEADER_BYTES: usize = 4;

/// The connection costs.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// Number of right context ids (of the word before).
    pub left_size: u16,
    /// Number of left context ids (of the word after).
    pub right_size: u16,
    costs: &'a [u8],
}

impl<'a> Matrix<'a> {
    /// Decodes a whole file: `left_size: u16, right_size: u16`, then `i16` costs.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the file has another length than its two sizes say.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let (Some(left_size), Some(right_size)) = (u16_at(bytes, 0), u16_at(bytes, 2)) else {
            return Err(Error::malformed(FILE, "shorter than its header"));
        };
        if left_size.max(right_size) > i16::MAX.cast_unsigned() {
            return Err(Error::malformed(
                FILE,
                format!("{left_size} × {right_size} ids, more than lindera can hold"),
            ));
        }
        let costs = &bytes[HEADER_BYTES..];
        if costs.len() != usize::from(left_size) * usize::from(right_size) * 2 {
            return Err(Error::malformed(
                FILE,
                format!("{} bytes for {left_size} × {right_size} costs", costs.len()),
            ));
        }
        Ok(Self {
            left_size,
            right_size,
            costs,
        })
    }

    /// The cost of a word whose right id is `right` being followed by one whose left id is `left`; none past the matrix.
    pub fn cost(&self, right: u16, left: u16) -> Option<i16> {
        if right >= self.left_size || left >= self.right_size {
            return None;
        }
        let cell = usize::from(right) + usize::from(self.left_size) * usize::from(left);
        u16_at(self.costs, cell * 2).map(u16::cast_signed)
    }
}
