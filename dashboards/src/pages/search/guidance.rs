//! What the words complain of: which departments usually treat it, or 119 first. Guidance, never a diagnosis.

use crate::api::Understood;
use crate::choices::Choices;

/// Departments that are offered.
const DEPARTMENTS_MAX: usize = 3;

/// The guidance above the list.
pub(super) struct Guidance {
    pub(super) is_emergency: bool,
    pub(super) is_soon: bool,
    pub(super) note: Option<String>,
    pub(super) departments: Vec<Department>,
}

/// A department, and the search for those who run it.
pub(super) struct Department {
    pub(super) text: String,
    pub(super) address: String,
}

impl Guidance {
    /// `None` when the words complain of nothing.
    pub(super) fn new(understood: Option<Understood>, choices: &Choices) -> Option<Self> {
        let understood = understood?;
        let complaint = understood.complaint?;
        let departments = understood.departments.into_iter().take(DEPARTMENTS_MAX);
        let department = |name: String| Department {
            address: choices.with("department", &name).without("page").address(),
            text: name,
        };
        Some(Self {
            is_emergency: complaint.urgency == "emergency",
            is_soon: complaint.urgency == "soon",
            note: complaint.note,
            departments: departments.map(|one| department(one.name)).collect(),
        })
    }
}
