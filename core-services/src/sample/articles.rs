//! The articles built into the program: every file of `sample/articles`, by name. A test sees to it that none is forgotten.

macro_rules! embed {
    ($($slug:literal),* $(,)?) => {
        &[$(($slug, include_str!(concat!("../../sample/articles/", $slug, ".md")))),*]
    };
}

/// Slug and text.
pub(super) const ARTICLES: &[(&str, &str)] = embed![
    "acetaminophen-vs-ibuprofen",
    "acute-gastroenteritis",
    "allergic-rhinitis",
    "anaphylaxis",
    "anemia-and-iron",
    "anxiety-and-panic",
    "athletes-foot",
    "atopic-dermatitis",
    "bladder-infection",
    "burn-first-aid",
    "cataract",
    "cavities-and-gum-disease",
    "childhood-vaccination-schedule",
    "choking-first-aid",
    "cold-or-flu",
    "colonoscopy-preparation",
    "conjunctivitis",
    "constipation-relief",
    "cpr-basics",
    "dental-implant-care",
    "depression",
    "diabetes-blood-sugar",
    "dry-eye",
    "dyslipidemia",
    "early-pregnancy-checklist",
    "early-signs-of-dementia",
    "enlarged-prostate",
    "fatty-liver",
    "fever-in-children",
    "flu-vaccine-timing",
    "frozen-shoulder",
    "gastroesophageal-reflux",
    "gastroscopy-preparation",
    "gout-attack-and-uric-acid",
    "hand-foot-mouth-disease",
    "heart-attack-warning-signs",
    "heat-illness-prevention",
    "hemorrhoids-and-anal-pain",
    "hepatitis-b-checkups",
    "high-blood-pressure-care",
    "hives",
    "hypothyroidism",
    "insomnia",
    "irritable-bowel-syndrome",
    "knee-osteoarthritis",
    "living-with-asthma",
    "lumbar-disc-herniation",
    "menopause-symptoms",
    "menstrual-pain",
    "migraine-care",
    "national-health-screening",
    "osteoporosis-prevention",
    "otitis-media",
    "pneumonia-signs",
    "shingles",
    "shingles-vaccine",
    "snoring-and-sleep-apnea",
    "stroke-warning-signs",
    "taking-antibiotics-safely",
    "text-neck-and-neck-pain",
    "tinnitus",
    "tonsillitis",
    "tuberculosis-basics",
    "urinary-stones",
    "vertigo-and-ear-crystals",
    "wisdom-teeth",
];

#[cfg(test)]
mod tests {
    use super::ARTICLES;

    #[test]
    fn every_file_is_listed_in_order() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/articles");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_name()?
                    .to_str()?
                    .strip_suffix(".md")
                    .map(str::to_owned)
            })
            .collect();
        files.sort();
        let listed: Vec<&str> = ARTICLES.iter().map(|(slug, _)| *slug).collect();
        assert_eq!(
            listed, files,
            "list the files of sample/articles in src/sample/articles.rs"
        );
    }
}
