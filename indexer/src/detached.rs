//! An index of documents that come from no table: for measuring how well they are found.

use std::path::Path;

use analyzers::Analyzer;
use cdc::{Cursor, Position};

use crate::documents::Document;
use crate::engines::tantivy::{Operation, Origin, TantivyIndex};
use crate::error::Error;
use crate::live::{LiveHandle, LiveIndex};
use crate::shown::Shown;

/// Makes an index of these documents, each under a key of its own, in an empty directory. It follows nothing and stands at no
/// position.
///
/// # Errors
/// When the directory can't be written.
pub fn detached(
    directory: &Path,
    analyzer: &Analyzer,
    documents: impl IntoIterator<Item = Document>,
) -> Result<LiveHandle, Error> {
    let index = TantivyIndex::create(directory, analyzer.into())?;
    let origin = Origin::new("none".to_owned(), analyzer);
    let mut writer = index.writer(directory, &origin, 1)?;
    let fields = index.fields();
    for document in documents {
        let entry = document.fill(&fields, &document.source()?);
        writer.apply(Operation::Insert(entry))?;
    }
    writer.commit(&Cursor::default(), &[].into(), &[].into())?;
    writer.close()?;
    let live = LiveHandle::default();
    live.publish(Shown::Tantivy(LiveIndex::of(
        &index,
        1,
        Position::default(),
        &mut None,
    )?));
    Ok(live)
}
