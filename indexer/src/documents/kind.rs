//! Kinds of institution, with their Korean words.

use serde::{Deserialize, Serialize};

/// Kinds of institution (종별), as in the table's enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names are the documentation; Kind::label gives the Korean word"
)]
pub enum Kind {
    TertiaryHospital,
    GeneralHospital,
    Hospital,
    LongTermCareHospital,
    MentalHospital,
    Clinic,
    DentalHospital,
    DentalClinic,
    KoreanMedicineHospital,
    KoreanMedicineClinic,
    MidwiferyClinic,
    PublicHealthCentre,
    PublicHealthSubcentre,
    PublicHealthPost,
    Pharmacy,
    EmergencyCentre,
    Other,
}

impl Kind {
    /// All kinds, in the order in which they are listed.
    pub const ALL: [Self; 17] = [
        Self::TertiaryHospital,
        Self::GeneralHospital,
        Self::Hospital,
        Self::Clinic,
        Self::DentalHospital,
        Self::DentalClinic,
        Self::KoreanMedicineHospital,
        Self::KoreanMedicineClinic,
        Self::LongTermCareHospital,
        Self::MentalHospital,
        Self::MidwiferyClinic,
        Self::PublicHealthCentre,
        Self::PublicHealthSubcentre,
        Self::PublicHealthPost,
        Self::Pharmacy,
        Self::EmergencyCentre,
        Self::Other,
    ];

    /// The kind of a code.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The code in tables, index and API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TertiaryHospital => "tertiary_hospital",
            Self::GeneralHospital => "general_hospital",
            Self::Hospital => "hospital",
            Self::LongTermCareHospital => "long_term_care_hospital",
            Self::MentalHospital => "mental_hospital",
            Self::Clinic => "clinic",
            Self::DentalHospital => "dental_hospital",
            Self::DentalClinic => "dental_clinic",
            Self::KoreanMedicineHospital => "korean_medicine_hospital",
            Self::KoreanMedicineClinic => "korean_medicine_clinic",
            Self::MidwiferyClinic => "midwifery_clinic",
            Self::PublicHealthCentre => "public_health_centre",
            Self::PublicHealthSubcentre => "public_health_subcentre",
            Self::PublicHealthPost => "public_health_post",
            Self::Pharmacy => "pharmacy",
            Self::EmergencyCentre => "emergency_centre",
            Self::Other => "other",
        }
    }

    /// The Korean word.
    #[must_use]
    pub fn label(self) -> &'static str {
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
