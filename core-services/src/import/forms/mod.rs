//! Forms: the layouts of registries' files, told by their header.

mod egen;
mod hira;

use super::Reject;
use super::rows::{Header, Row, Values};
use crate::Unreadable;
use crate::institutions::{InvalidValue, NewInstitution, Registry, line};

/// Column widths of the table, in characters.
const NAME_CHARS_MAX: usize = 200;
const ADDRESS_CHARS_MAX: usize = 300;

/// A file's form with its columns.
#[derive(Debug)]
pub(super) struct Form {
    header: Header,
    columns: Columns,
}

#[derive(Debug)]
enum Columns {
    Egen(egen::Columns),
    Hira(hira::Columns),
}

impl Form {
    /// Tells the form by the header.
    pub(super) fn parse(header: Row) -> Result<Self, Unreadable> {
        let header = Header::parse(header)?;
        let columns = if hira::is_form(&header) {
            Columns::Hira(hira::Columns::parse(&header)?)
        } else if egen::is_form(&header) {
            Columns::Egen(egen::Columns::parse(&header)?)
        } else {
            return Err(Unreadable::UnknownForm {
                header: header.excerpt(),
            });
        };
        Ok(Self { header, columns })
    }

    /// Whose codes the file has.
    pub(super) fn registry(&self) -> Registry {
        match self.columns {
            Columns::Egen(_) => Registry::Egen,
            Columns::Hira(_) => Registry::Hira,
        }
    }

    /// What the file calls the column of codes.
    pub(super) fn code_column(&self) -> &str {
        self.header.name(match &self.columns {
            Columns::Egen(columns) => columns.code,
            Columns::Hira(columns) => columns.code,
        })
    }

    /// The institution of a row.
    pub(super) fn institution(&self, row: &Row) -> Result<NewInstitution, Reject> {
        let values = Values::new(&self.header, row)?;
        match &self.columns {
            Columns::Egen(columns) => columns.institution(values),
            Columns::Hira(columns) => columns.institution(values),
        }
    }
}

/// A name: one line that is not blank.
fn name(text: &str) -> Result<String, InvalidValue> {
    line(text, NAME_CHARS_MAX)?.ok_or(InvalidValue::Blank)
}

/// An address as one line.
fn address_line(text: &str) -> Result<Option<String>, InvalidValue> {
    line(text, ADDRESS_CHARS_MAX)
}
