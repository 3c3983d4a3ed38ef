//! Character sets of the servers: bytes of a text to Unicode, as the server itself converts them.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, KOI8_R, MACINTOSH, SHIFT_JIS, UTF_16BE, UTF_16LE,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256, WINDOWS_1257,
};

use crate::charset_tables as tables;
use crate::value::Value;

/// A character set, resolved once per table map so that values are decoded without looking up names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Charset {
    /// The table map does not tell. UTF-8 is the best guess, and checked.
    #[default]
    Unknown,
    /// Bytes, no text.
    Binary,
    /// `utf8mb4` and `utf8mb3`.
    Utf8,
    Ascii,
    /// Four bytes a character, big-endian.
    Utf32,
    /// ASCII, and a table for the upper half.
    SingleByte(&'static [u16; 128]),
    /// `swe7`: a table, and nothing above it.
    SevenBits(&'static [u16; 128]),
    /// As the browsers read it.
    Web(&'static Encoding),
    /// As the browsers read it, but for characters which the server reads in another way.
    AlmostWeb(&'static Encoding, &'static [(char, char)]),
    /// A character set that we can't read: its texts stay bytes.
    Unreadable,
}

/// Pairs of a character of the browsers and the one of the servers for the same bytes.
const JAPANESE_FIXES: &[(char, char)] = &[
    ('＼', '\\'),
    ('￠', '¢'),
    ('￡', '£'),
    ('￢', '¬'),
    ('∥', '‖'),
    ('－', '−'),
    ('～', '〜'),
];
const GB2312_FIXES: &[(char, char)] = &[('—', '―'), ('·', '・')];
const BIG5_FIXES: &[(char, char)] = &[
    ('￠', '¢'),
    ('￡', '£'),
    ('￥', '¥'),
    ('‧', '•'),
    ('¯', '‾'),
    ('～', '∼'),
    ('⊙', '☉'),
    ('⊕', '♁'),
    ('∕', '／'),
    ('﹨', '＼'),
    ('﹑', '､'),
];

impl Charset {
    /// Finds a character set by the server's name for it; the empty name is not known.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "" => Self::Unknown,
            "binary" => Self::Binary,
            "utf8mb4" | "utf8mb3" | "utf8" => Self::Utf8,
            "ascii" => Self::Ascii,
            "utf32" => Self::Utf32,
            "ucs2" | "utf16" => Self::Web(UTF_16BE),
            "utf16le" => Self::Web(UTF_16LE),
            "latin1" => Self::Web(WINDOWS_1252),
            "euckr" => Self::Web(EUC_KR),
            "cp1250" => Self::Web(WINDOWS_1250),
            "cp1251" => Self::Web(WINDOWS_1251),
            "cp1256" => Self::Web(WINDOWS_1256),
            "cp1257" => Self::Web(WINDOWS_1257),
            "latin5" => Self::SingleByte(&tables::LATIN5),
            "koi8r" => Self::Web(KOI8_R),
            "macroman" => Self::Web(MACINTOSH),
            "gbk" => Self::Web(GBK),
            "gb18030" => Self::AlmostWeb(GB18030, &[]),
            "cp932" => Self::Web(SHIFT_JIS),
            "eucjpms" => Self::AlmostWeb(EUC_JP, &[('¦', '￤')]),
            "gb2312" => Self::AlmostWeb(GBK, GB2312_FIXES),
            "sjis" => Self::AlmostWeb(SHIFT_JIS, JAPANESE_FIXES),
            "ujis" => Self::AlmostWeb(EUC_JP, JAPANESE_FIXES),
            "big5" => Self::AlmostWeb(BIG5, BIG5_FIXES),
            "armscii8" => Self::SingleByte(&tables::ARMSCII8),
            "cp850" => Self::SingleByte(&tables::CP850),
            "cp852" => Self::SingleByte(&tables::CP852),
            "cp866" => Self::SingleByte(&tables::CP866),
            "dec8" => Self::SingleByte(&tables::DEC8),
            "geostd8" => Self::SingleByte(&tables::GEOSTD8),
            "greek" => Self::SingleByte(&tables::GREEK),
            "hebrew" => Self::SingleByte(&tables::HEBREW),
            "hp8" => Self::SingleByte(&tables::HP8),
            "keybcs2" => Self::SingleByte(&tables::KEYBCS2),
            "koi8u" => Self::SingleByte(&tables::KOI8U),
            "latin2" => Self::SingleByte(&tables::LATIN2),
            "latin7" => Self::SingleByte(&tables::LATIN7),
            "macce" => Self::SingleByte(&tables::MACCE),
            "tis620" => Self::SingleByte(&tables::TIS620),
            "swe7" => Self::SevenBits(&tables::SWE7),
            _ => Self::Unreadable,
        }
    }

    /// The text; what is invalid in the character set stays bytes.
    pub(crate) fn decode(self, bytes: &[u8]) -> Value {
        self.text(bytes)
            .map_or_else(|| Value::Bytes(bytes.to_vec()), Value::Text)
    }

    /// The label of an ENUM or SET, which is a text even when it is invalid in the character set.
    pub(crate) fn label(self, bytes: &[u8]) -> String {
        self.text(bytes)
            .unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
    }

    fn text(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Binary | Self::Unreadable => None,
            Self::Unknown | Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Ascii => bytes
                .is_ascii()
                .then(|| bytes.iter().copied().map(char::from).collect()),
            Self::Utf32 => utf32(bytes),
            Self::SingleByte(upper) => bytes
                .iter()
                .map(|byte| match byte.checked_sub(128) {
                    None => Some(char::from(*byte)),
                    Some(place) => of_table(upper, place),
                })
                .collect(),
            Self::SevenBits(table) => bytes.iter().map(|byte| of_table(table, *byte)).collect(),
            Self::Web(encoding) => web(encoding, bytes),
            Self::AlmostWeb(encoding, _) if has_extension(encoding, bytes) => None,
            Self::AlmostWeb(encoding, fixes) => {
                let fixed = |character| {
                    let fix = fixes.iter().find(|(wrong, _)| *wrong == character);
                    fix.map_or(character, |(_, right)| *right)
                };
                Some(web(encoding, bytes)?.chars().map(fixed).collect())
            }
        }
    }
}

fn utf32(bytes: &[u8]) -> Option<String> {
    let (characters, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    characters
        .iter()
        .map(|character| char::from_u32(u32::from_be_bytes(*character)))
        .collect()
}

fn web(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

fn of_table(table: &[u16; 128], place: u8) -> Option<char> {
    let code = *table.get(usize::from(place))?;
    char::from_u32(code.into()).filter(|character| *character != char::REPLACEMENT_CHARACTER)
}

/// Whether a text has characters that the browsers added, and for which the servers have others or none: of Big5 the rows
/// C6 to C8 and two duplicates, of EUC-JP the rows from F5 on, of GB18030 what its editions after 2005 moved.
fn has_extension(encoding: &'static Encoding, mut bytes: &[u8]) -> bool {
    let is_extension: fn(u8, u8) -> bool = if encoding == BIG5 {
        |first, second| {
            matches!(
                (first, second),
                (0xc6, 0xa1..) | (0xc7..=0xc8, _) | (0xa2, 0xcc | 0xce)
            )
        }
    } else if encoding == EUC_JP {
        |first, second| matches!((first, second), (0xf5.., _) | (0x8f, 0xf5..))
    } else if encoding == GB18030 {
        |first, second| {
            matches!(
                (first, second),
                (0xa3, 0xa0)
                    | (0xa6, 0xd9..=0xdf | 0xec..=0xed | 0xf3)
                    | (0xfe, 0x59 | 0x61 | 0x66 | 0x67 | 0x6d | 0x7e | 0x90 | 0xa0)
            )
        }
    } else {
        return false;
    };
    loop {
        bytes = match bytes {
            [] => return false,
            [first @ 0x80..=0xff, second, ..] if is_extension(*first, *second) => return true,
            [0x8f, _, _, rest @ ..] if encoding == EUC_JP => rest,
            [0x80..=0xff, 0x30..=0x39, _, _, rest @ ..] if encoding == GB18030 => rest,
            [0x80..=0xff, _, rest @ ..] | [_, rest @ ..] => rest,
        };
    }
}
