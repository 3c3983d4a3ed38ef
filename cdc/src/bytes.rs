//! Reading little numbers and strings off a byte slice, every step checked: an event may be cut or corrupt.

use crate::decode_error::DecodeError;

/// What is left to read of an event's body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(DecodeError::Truncated {
                wanted: count,
                left: self.rest.len(),
            })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    /// Up to 8 bytes, little-endian.
    pub(crate) fn uint_le(&mut self, bytes: usize) -> Result<u64, DecodeError> {
        Ok(self
            .take(bytes)?
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Up to 8 bytes, big-endian.
    pub(crate) fn uint_be(&mut self, bytes: usize) -> Result<u64, DecodeError> {
        Ok(self
            .take(bytes)?
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A length or count that is bounded by what an event can hold.
    pub(crate) fn size_le(&mut self, bytes: usize) -> Result<usize, DecodeError> {
        usize::try_from(self.uint_le(bytes)?).map_err(|_| DecodeError::Malformed("a length"))
    }

    /// MySQL's length-encoded integer.
    pub(crate) fn lenenc(&mut self) -> Result<u64, DecodeError> {
        match self.u8()? {
            byte @ 0..=250 => Ok(u64::from(byte)),
            252 => self.uint_le(2),
            253 => self.uint_le(3),
            254 => self.uint_le(8),
            _ => Err(DecodeError::Malformed("a length-encoded integer")),
        }
    }

    /// A length-encoded count, refused when it can't be right: nothing has more parts than the event has bytes.
    pub(crate) fn lenenc_size(&mut self) -> Result<usize, DecodeError> {
        usize::try_from(self.lenenc()?).map_err(|_| DecodeError::Malformed("a length"))
    }

    /// A length-encoded string.
    pub(crate) fn lenenc_bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.lenenc_size()?;
        self.take(length)
    }
}

/// The bit of a bitmap whose lowest bit comes first.
pub(crate) fn bit(bitmap: &[u8], index: usize) -> bool {
    bitmap
        .get(index / 8)
        .is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}
