//! The kinds of institution (종별), and how registries and names tell them.

use crate::db::travels_as_text;

/// The kind of an institution (종별).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Encode, sqlx::Decode)]
#[sqlx(rename_all = "snake_case")]
pub enum Kind {
    /// 상급종합병원
    TertiaryHospital,
    /// 종합병원
    GeneralHospital,
    /// 병원
    Hospital,
    /// 요양병원
    LongTermCareHospital,
    /// 정신병원
    MentalHospital,
    /// 의원
    Clinic,
    /// 치과병원
    DentalHospital,
    /// 치과의원
    DentalClinic,
    /// 한방병원 (and 한방종합병원)
    KoreanMedicineHospital,
    /// 한의원
    KoreanMedicineClinic,
    /// 조산원
    MidwiferyClinic,
    /// 보건소 (and 보건의료원)
    PublicHealthCentre,
    /// 보건지소
    PublicHealthSubcentre,
    /// 보건진료소
    PublicHealthPost,
    /// 약국
    Pharmacy,
    /// 응급의료센터
    EmergencyCentre,
    /// 기타: among others 모자보건센타, 한약방 and E-Gen's 구급차
    Other,
}

travels_as_text!(Kind);

/// Korean words for kinds. A word stands before the words that it ends with, so that the first match of a name's ending is the right one.
const WORDS: [(&str, Kind); 26] = [
    ("상급종합병원", Kind::TertiaryHospital),
    ("상급종합", Kind::TertiaryHospital),
    ("한방종합병원", Kind::KoreanMedicineHospital),
    ("종합병원", Kind::GeneralHospital),
    ("요양병원", Kind::LongTermCareHospital),
    ("정신병원", Kind::MentalHospital),
    ("치과병원", Kind::DentalHospital),
    ("한방병원", Kind::KoreanMedicineHospital),
    ("병원", Kind::Hospital),
    ("치과의원", Kind::DentalClinic),
    ("한의원", Kind::KoreanMedicineClinic),
    ("의원", Kind::Clinic),
    ("조산원", Kind::MidwiferyClinic),
    ("조산소", Kind::MidwiferyClinic),
    ("보건의료원", Kind::PublicHealthCentre),
    ("보건진료소", Kind::PublicHealthPost),
    ("보건지소", Kind::PublicHealthSubcentre),
    ("보건소", Kind::PublicHealthCentre),
    ("모자보건센타", Kind::Other),
    ("모자보건센터", Kind::Other),
    ("한약방", Kind::Other),
    ("약국", Kind::Pharmacy),
    ("응급의료센터", Kind::EmergencyCentre),
    ("기타(구급차)", Kind::Other),
    ("구급차", Kind::Other),
    ("기타", Kind::Other),
];

impl Kind {
    /// By HIRA's 종별코드; `1` is taken for `01`, because spreadsheets drop the zero.
    #[must_use]
    pub fn from_hira_code(code: &str) -> Option<Self> {
        Some(match code {
            "01" | "1" => Self::TertiaryHospital,
            "11" => Self::GeneralHospital,
            "21" => Self::Hospital,
            "28" => Self::LongTermCareHospital,
            "29" => Self::MentalHospital,
            "31" => Self::Clinic,
            "41" => Self::DentalHospital,
            "51" => Self::DentalClinic,
            "61" => Self::MidwiferyClinic,
            "71" | "75" => Self::PublicHealthCentre,
            "72" => Self::PublicHealthSubcentre,
            "73" => Self::PublicHealthPost,
            "81" => Self::Pharmacy,
            "91" | "92" => Self::KoreanMedicineHospital,
            "93" => Self::KoreanMedicineClinic,
            "74" | "94" => Self::Other,
            _ => return None,
        })
    }

    /// By the Korean word that registries use (종별코드명, 병원분류명).
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word: String = word.split_whitespace().collect();
        WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, kind)| *kind)
    }

    /// By the ending of an institution's name, for files that do not say the kind. What stands in closing parentheses does not count,
    /// and neither does the branch: `오라클피부과의원(화곡점)`, `휴먼피부과의원 청라점`. A general hospital that calls itself
    /// 병원, as most do, is taken for a hospital: the name does not say more.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut name = name.trim();
        while let Some((before, _)) = name
            .strip_suffix(')')
            .and_then(|open| open.rsplit_once('('))
        {
            name = before.trim_end();
        }
        if let Some((before, branch)) = name.rsplit_once(' ')
            && branch.ends_with('점')
        {
            name = before.trim_end();
        }
        WORDS
            .iter()
            .find(|(word, kind)| *kind != Self::Other && name.ends_with(word))
            .map(|(_, kind)| *kind)
    }

    /// The Korean word for the kind.
    #[must_use]
    pub fn korean(self) -> &'static str {
        match self {
            Self::TertiaryHospital => "상급종합병원",
            Self::GeneralHospital => "종합병원",
            Self::Hospital => "병원",
            Self::LongTermCareHospital => "요양병원",
            Self::MentalHospital => "정신병원",
            Self::Clinic => "의원",
            Self::DentalHospital => "치과병원",
            Self::DentalClinic => "치과의원",
            Self::KoreanMedicineHospital => "한방병원",
            Self::KoreanMedicineClinic => "한의원",
            Self::MidwiferyClinic => "조산원",
            Self::PublicHealthCentre => "보건소",
            Self::PublicHealthSubcentre => "보건지소",
            Self::PublicHealthPost => "보건진료소",
            Self::Pharmacy => "약국",
            Self::EmergencyCentre => "응급의료센터",
            Self::Other => "기타",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_never_hides_a_longer_one() {
        for (at, (word, _)) in WORDS.iter().enumerate() {
            assert!(
                !WORDS[..at].iter().any(|(before, _)| word.ends_with(before)),
                "{word} is never reached"
            );
        }
    }

    #[test]
    fn kinds_are_told_by_the_ending_of_names() {
        for (name, kind) in [
            ("(VOM)봄안과의원", Some(Kind::Clinic)),
            ("유디치과의원(가산점)", Some(Kind::DentalClinic)),
            ("경희두드림한의원 수원점", Some(Kind::KoreanMedicineClinic)),
            (
                "금강아산병원(재단법인 아산사회복지재단)",
                Some(Kind::Hospital),
            ),
            (
                "해운대구보건소 반송보건지소",
                Some(Kind::PublicHealthSubcentre),
            ),
            ("진안군보건의료원", Some(Kind::PublicHealthCentre)),
            ("국립암센터", None),
            ("", None),
        ] {
            assert_eq!(Kind::from_name(name), kind, "{name}");
        }
    }

    #[test]
    fn codes_and_words_agree() {
        assert_eq!(Kind::from_hira_code("01"), Kind::from_word("상급종합"));
        assert_eq!(Kind::from_hira_code("93"), Kind::from_word("한의원"));
        assert_eq!(Kind::from_hira_code("99"), None);
        assert_eq!(Kind::from_word("미용실"), None);
    }
}
