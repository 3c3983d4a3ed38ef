//! Synthetic institutions, one after the other from one stream of random numbers.

use std::collections::{BTreeSet, HashSet};

use chrono::{Days, NaiveDate};
use rand::distr::weighted::WeightedIndex;
use rand::prelude::*;

use super::parking::Parking;
use super::parts::{District, Parts};
use super::week;
use crate::Error;
use crate::departments::Department;
use crate::institutions::{
    Address, Kind, NewInstitution, OfficialCode, PROVINCES, Point, RunsDepartment, Told,
};

/// How many of a thousand institutions are of each kind; roughly as in Korea, with a few more of the rare ones.
const KINDS: [(Kind, u32); 10] = [
    (Kind::Clinic, 380),
    (Kind::Pharmacy, 300),
    (Kind::DentalClinic, 150),
    (Kind::KoreanMedicineClinic, 110),
    (Kind::Hospital, 20),
    (Kind::LongTermCareHospital, 15),
    (Kind::GeneralHospital, 10),
    (Kind::PublicHealthCentre, 10),
    (Kind::EmergencyCentre, 3),
    (Kind::TertiaryHospital, 2),
];

/// How far institutions lie from the centre of their district: one standard deviation, in degrees of latitude (about two kilometres),
/// and how many of them at most, so that nobody ends up in the sea.
const SCATTER_DEGREES: f64 = 2.0 / 111.0;
const SCATTER_DEVIATIONS_MAX: f64 = 2.5;

/// How often another brand is drawn when a name is taken in its district, before the name gets a number.
const NAME_DRAWS_MAX: u32 = 30;

/// Opening dates lie between 1975 and 2025.
const OPENED_DAYS: u64 = 50 * 365;

/// Draws institutions; endless.
pub(super) struct Generator {
    rng: StdRng,
    parking: Parking,
    parts: Parts,
    by_weight: WeightedIndex<f64>,
    by_kind: WeightedIndex<u32>,
    by_department: WeightedIndex<u32>,
    /// Names taken, by place of the district in the list.
    names: HashSet<(usize, String)>,
    number: usize,
}

impl Generator {
    pub(super) fn new(seed: u64, parts: Parts) -> Result<Self, Error> {
        let broken = |err: rand::distr::weighted::Error| Error::Sample(err.to_string());
        Ok(Self {
            rng: StdRng::seed_from_u64(seed),
            parking: Parking::new(seed),
            by_weight: WeightedIndex::new(parts.districts.iter().map(|district| district.weight))
                .map_err(broken)?,
            by_kind: WeightedIndex::new(KINDS.map(|(_, weight)| weight)).map_err(broken)?,
            by_department: WeightedIndex::new(
                parts.clinic_departments.iter().map(|(_, weight)| *weight),
            )
            .map_err(broken)?,
            names: HashSet::new(),
            number: 0,
            parts,
        })
    }

    /// The district of the next institution: by population, but the first seventeen take one province each.
    fn district(&mut self) -> usize {
        let drawn = self.by_weight.sample(&mut self.rng);
        let Some(province) = PROVINCES.get(self.number) else {
            return drawn;
        };
        let is_there = |district: &District| district.province == province;
        self.parts
            .districts
            .iter()
            .position(is_there)
            .unwrap_or(drawn)
    }

    /// The departments that an institution runs, the one that it is named after first.
    fn departments(&mut self, kind: Kind) -> Vec<Department> {
        let named = |name: &str| self.parts.department(name).cloned();
        let count = match kind {
            Kind::Clinic => 1,
            Kind::Hospital => self.rng.random_range(2..=5),
            Kind::GeneralHospital => self.rng.random_range(8..=12),
            Kind::TertiaryHospital => self.parts.clinic_departments.len(),
            Kind::LongTermCareHospital => 2,
            Kind::DentalClinic => return named("치과").into_iter().collect(),
            Kind::KoreanMedicineClinic => {
                return named("한방내과")
                    .into_iter()
                    .chain(named("한방부인과"))
                    .collect();
            }
            Kind::EmergencyCentre => return named("응급의학과").into_iter().collect(),
            Kind::PublicHealthCentre => return named("가정의학과").into_iter().collect(),
            _ => return Vec::new(),
        };
        let mut departments: Vec<Department> = Vec::with_capacity(count);
        while departments.len() < count {
            let (department, _) =
                &self.parts.clinic_departments[self.by_department.sample(&mut self.rng)];
            if !departments.contains(department) {
                departments.push(department.clone());
            }
        }
        if matches!(kind, Kind::GeneralHospital | Kind::TertiaryHospital) {
            departments.extend(self.parts.department("응급의학과").cloned());
        }
        departments
    }

    /// A name that no other institution of the district has.
    fn name(&mut self, at: usize, kind: Kind, departments: &[Department]) -> String {
        let mut name = String::new();
        for _ in 0..NAME_DRAWS_MAX {
            name = self.draw_name(at, kind, departments);
            if self.names.insert((at, name.clone())) {
                return name;
            }
        }
        let numbered = (2..).map(|number| format!("{name} {number}호점"));
        // Endless, so there is always one that is free.
        let name = numbered
            .into_iter()
            .find(|name| !self.names.contains(&(at, name.clone())))
            .unwrap_or(name);
        self.names.insert((at, name.clone()));
        name
    }

    fn draw_name(&mut self, at: usize, kind: Kind, departments: &[Department]) -> String {
        let (rng, names, district) = (&mut self.rng, &self.parts.names, &self.parts.districts[at]);
        let brand = draw(rng, &names.brands);
        let hospital_brand = draw(rng, &names.hospital_brands);
        let stem = district.stem();
        match kind {
            Kind::Pharmacy => format!("{}약국", draw(rng, &names.pharmacy_brands)),
            Kind::Clinic => format!(
                "{brand}{}의원",
                departments
                    .first()
                    .map_or("", |department| &department.name)
            ),
            Kind::DentalClinic => format!("{brand}치과의원"),
            Kind::KoreanMedicineClinic => format!("{brand}한의원"),
            Kind::LongTermCareHospital => format!("{hospital_brand}요양병원"),
            Kind::GeneralHospital => format!("{stem}{hospital_brand}종합병원"),
            Kind::TertiaryHospital => format!("{stem}{hospital_brand}대학교병원"),
            Kind::EmergencyCentre => format!("{stem}{hospital_brand}응급의료센터"),
            Kind::PublicHealthCentre => format!("{}보건소", district.short_name()),
            Kind::PublicHealthSubcentre => {
                format!(
                    "{} {}보건지소",
                    district.short_name(),
                    draw(rng, &district.neighbourhoods)
                )
            }
            _ => format!("{stem}{hospital_brand}병원"),
        }
    }

    /// A street address in the official form; in towns and townships (읍면) they stand before the road, neighbourhoods in parentheses.
    fn address(&mut self, at: usize) -> Address {
        let (rng, district) = (&mut self.rng, &self.parts.districts[at]);
        let place = draw(rng, &district.neighbourhoods).clone();
        let road = draw(rng, &district.roads);
        let building = rng.random_range(1..=400);
        let floor = match rng.random_range(0..4) {
            0 => String::new(),
            floor => format!(", {floor}층"),
        };
        let before = match district.sigungu.as_str() {
            "세종시" => district.province.name.to_owned(),
            sigungu => format!("{} {sigungu}", district.province.name),
        };
        let full = if place.ends_with(['읍', '면']) {
            format!("{before} {place} {road} {building}{floor}")
        } else {
            format!("{before} {road} {building}{floor} ({place})")
        };
        Address {
            sido: Some(district.province.name.to_owned()),
            sigungu: Some(district.sigungu.clone()),
            eupmyeondong: Some(place),
            full: Some(full),
        }
    }

    fn point(&mut self, at: usize) -> Option<Point> {
        let district = &self.parts.districts[at];
        // Box and Muller: two uniform numbers become a distance and a direction.
        let radius = (-2.0 * (1.0 - self.rng.random::<f64>()).ln())
            .sqrt()
            .min(SCATTER_DEVIATIONS_MAX)
            * SCATTER_DEGREES;
        let direction = self.rng.random::<f64>() * std::f64::consts::TAU;
        let latitude = district.latitude + radius * direction.sin();
        let longitude =
            district.longitude + radius * direction.cos() / district.latitude.to_radians().cos();
        // Six decimals are ten centimetres.
        let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Point::new(
            rounded(latitude).clamp(33.0, 38.7),
            rounded(longitude).clamp(124.5, 131.9),
        )
    }

    fn doctors(&mut self, kind: Kind) -> Option<u32> {
        let range = match kind {
            Kind::Clinic | Kind::DentalClinic => 1..=3,
            Kind::KoreanMedicineClinic => 1..=2,
            Kind::Hospital => 6..=20,
            Kind::LongTermCareHospital => 3..=10,
            Kind::GeneralHospital => 40..=150,
            Kind::TertiaryHospital => 300..=900,
            Kind::EmergencyCentre => 8..=20,
            Kind::PublicHealthCentre | Kind::PublicHealthSubcentre => 1..=4,
            _ => return None,
        };
        Some(self.rng.random_range(range))
    }

    /// Specialists by department: at most as many as there are doctors.
    fn specialists(
        &mut self,
        departments: &[Department],
        doctors: Option<u32>,
    ) -> BTreeSet<RunsDepartment> {
        let share =
            doctors.unwrap_or_default() / u32::try_from(departments.len().max(1)).unwrap_or(1);
        let row = |department: &Department| RunsDepartment {
            department_id: department.id,
            specialist_count: Some(self.rng.random_range(share.min(1)..=share))
                .and_then(|count| u16::try_from(count).ok()),
        };
        departments.iter().map(row).collect()
    }

    fn description(&mut self, at: usize, kind: Kind, departments: &[Department]) -> Option<String> {
        let key = match kind {
            Kind::TertiaryHospital | Kind::GeneralHospital => "general_hospital",
            Kind::Hospital => "hospital",
            Kind::LongTermCareHospital => "long_term_care_hospital",
            Kind::Clinic => "clinic",
            Kind::DentalClinic => "dental_clinic",
            Kind::KoreanMedicineClinic => "korean_medicine_clinic",
            Kind::Pharmacy => "pharmacy",
            Kind::EmergencyCentre => "emergency_centre",
            _ => "public_health_centre",
        };
        let introductions = self.parts.names.introductions.get(key)?;
        let department = departments
            .first()
            .map_or("일반", |department| department.name.as_str());
        let text = draw(&mut self.rng, introductions);
        Some(
            text.replace("{district}", &self.parts.districts[at].sigungu)
                .replace("{department}", department),
        )
    }

    fn institution(&mut self) -> Option<NewInstitution> {
        let at = self.district();
        let mut kind = KINDS[self.by_kind.sample(&mut self.rng)].0;
        let centre = format!("{}보건소", self.parts.districts[at].short_name());
        if kind == Kind::PublicHealthCentre && self.names.contains(&(at, centre)) {
            // A district has one centre; the next ones are its subcentres.
            kind = Kind::PublicHealthSubcentre;
        }
        let departments = self.departments(kind);
        let name = self.name(at, kind, &departments);
        self.number += 1;
        let code = OfficialCode::parse(&format!("SAMPLE-{:06}", self.number)).ok()?;
        let doctors = self.doctors(kind);
        let specialists = self.specialists(&departments, doctors);
        let area_code = self.parts.districts[at].province.area_code;
        let phone = format!("{area_code}-0000-{:04}", self.rng.random_range(1..10_000));
        let opened_on = NaiveDate::from_ymd_opt(1975, 1, 1)?
            .checked_add_days(Days::new(self.rng.random_range(0..OPENED_DAYS)));
        let specialist_count = specialists
            .iter()
            .filter_map(|row| row.specialist_count)
            .map(u32::from)
            .sum();
        let has_emergency_room = match kind {
            Kind::GeneralHospital | Kind::TertiaryHospital | Kind::EmergencyCentre => true,
            Kind::Hospital => self.rng.random_bool(0.2),
            _ => false,
        };
        let (parking_spaces, parking_is_free) = self.parking.draw(kind);
        Some(NewInstitution {
            address: Told::Value(self.address(at)),
            postal_code: Told::Value(None),
            phone: Told::Value(Some(phone)),
            homepage: Told::Value(None),
            point: Told::Value(self.point(at)),
            doctor_count: Told::Value(doctors),
            specialist_count: Told::Value(doctors.map(|_| specialist_count)),
            has_emergency_room: Told::Value(has_emergency_room),
            opened_on: Told::Value(opened_on),
            description: Told::Value(self.description(at, kind, &departments)),
            source_updated_at: Told::Value(None),
            hours: Told::Value(week::hours(&mut self.rng, kind, &name)),
            departments: Told::Value(specialists),
            parking_spaces: Told::Value(parking_spaces),
            parking_is_free: Told::Value(parking_is_free),
            ..NewInstitution::new(code, name, kind)
        })
    }
}

impl Iterator for Generator {
    type Item = NewInstitution;

    fn next(&mut self) -> Option<NewInstitution> {
        self.institution()
    }
}

fn draw<'a>(rng: &mut StdRng, words: &'a [String]) -> &'a String {
    // `Parts` has no empty lists.
    &words[rng.random_range(0..words.len())]
}
