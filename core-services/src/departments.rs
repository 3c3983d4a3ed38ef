//! Departments of medicine (진료과목): the official list, found by today's name or the one before.

use sqlx::MySqlExecutor;

use crate::Error;

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Our number.
    pub id: u16,
    /// The official name today, such as 비뇨의학과.
    pub name: String,
    /// The name before, such as 비뇨기과.
    pub former_name: Option<String>,
}

/// All departments: a few dozen, by id.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(executor: impl MySqlExecutor<'_>) -> Result<Vec<Department>, Error> {
    let departments = sqlx::query_as!(
        Department,
        "select id, name, former_name from departments order by id"
    )
    .fetch_all(executor)
    .await?;
    Ok(departments)
}

/// The department called `name`, today or before.
#[must_use]
pub fn find<'a>(departments: &'a [Department], name: &str) -> Option<&'a Department> {
    let name = name.trim();
    departments
        .iter()
        .find(|department| department.name == name)
        .or_else(|| {
            departments
                .iter()
                .find(|department| department.former_name.as_deref() == Some(name))
        })
}
