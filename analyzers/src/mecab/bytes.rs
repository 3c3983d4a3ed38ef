//! Checked little-endian reads: `None` where the bytes end.

pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let taken = bytes.get(offset..offset.checked_add(2)?)?;
    Some(u16::from_le_bytes(taken.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let taken = bytes.get(offset..offset.checked_add(4)?)?;
    Some(u32::from_le_bytes(taken.try_into().ok()?))
}

/// The text before the first NUL, or all of it.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(bytes.len());
    &bytes[..end]
}
