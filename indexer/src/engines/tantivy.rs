//! Tantivy in the process: documents by key, and the binlog position in the payload of each commit.

use std::collections::BTreeSet;
use std::path::Path;

use analyzers::Analyzer;
use cdc::Cursor;
use serde::{Deserialize, Serialize};
use tantivy::collector::DocSetCollector;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
};

use crate::dictionary::Analysis;
use crate::dirty::{DirtyKey, Noun};
use crate::error::Error;
use crate::schema::{self, Fields, SCHEMA_VERSION};

/// Memory of an indexing thread before it writes a segment; Tantivy's minimum is 15 MB.
const ARENA_BYTES: usize = 50_000_000;
/// A segment is rewritten when more of it is deleted than this: what is deleted still costs searches their time.
const DELETED_RATIO_MAX: f32 = 0.3;

/// What a commit says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// The documents are those of the tables at this position; reading goes on from here.
    pub cursor: Cursor,
    /// Tables that changed in a way that the stream does not tell, and are still to be read again.
    #[serde(default)]
    pub stale: BTreeSet<String>,
    /// Documents whose rows a transaction held, and that are still to be read.
    #[serde(default)]
    pub postponed: BTreeSet<DirtyKey>,
    /// Where they come from and how they were made.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Where the documents come from and how they were made. An index of another origin can't be followed: it is built anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The server and the database on it: a position means nothing elsewhere.
    pub database: String,
    /// Version of the fields.
    pub schema_version: u32,
    /// Version of the Korean analysis, without the operators' words: these differ from generation to generation.
    pub analyzer_version: String,
}

impl Origin {
    /// Documents of this database, made by this program with this analysis.
    #[must_use]
    pub fn new(database: String, analyzer: &Analyzer) -> Self {
        Self {
            database,
            schema_version: SCHEMA_VERSION,
            analyzer_version: analyzer.version().to_owned(),
        }
    }
}

/// What to do with a key.
#[derive(Debug)]
pub enum Operation {
    /// Put a document under a key that has none.
    Insert(TantivyDocument),
    /// Put the document in place of the one under its key.
    Upsert(DirtyKey, TantivyDocument),
    /// Remove the document under the key.
    Delete(DirtyKey),
}

/// An index that can be read.
#[derive(Clone)]
pub struct TantivyIndex {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    analysis: Analysis,
}

/// The right to write an index; one at a time over all processes.
pub struct TantivyWriter {
    writer: IndexWriter,
    fields: Fields,
    origin: Origin,
}

impl TantivyIndex {
    /// Makes an empty index.
    ///
    /// # Errors
    /// When the directory can't be written.
    pub fn create(directory: &Path, analysis: Analysis) -> Result<Self, Error> {
        let index = schema::index_builder(&analysis.analyzer).create_in_dir(directory)?;
        Self::of(index, analysis)
    }

    /// Opens an index that is there.
    ///
    /// # Errors
    /// When it can't be read, or has other fields than ours.
    pub fn open(directory: &Path, analysis: Analysis) -> Result<Self, Error> {
        let directory =
            tantivy::directory::MmapDirectory::open(directory).map_err(TantivyError::from)?;
        let index = schema::index_builder(&analysis.analyzer).open_or_create(directory)?;
        Self::of(index, analysis)
    }

    fn of(index: Index, analysis: Analysis) -> Result<Self, Error> {
        // Reloaded by hand after each commit, so that whoever hears of a commit also sees it.
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let (_, fields) = schema::schema();
        Ok(Self {
            index,
            reader,
            fields,
            analysis,
        })
    }

    /// What the last commit says; `None` before the first.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn payload(&self) -> Result<Option<Payload>, Error> {
        let payload = self.index.load_metas()?.payload;
        // A payload that can't be read is of another version: there is nothing to go on from.
        Ok(payload.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Whether the index is of this origin.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn is_of(&self, origin: &Origin) -> Result<bool, Error> {
        Ok(self
            .payload()?
            .is_some_and(|payload| payload.origin == *origin))
    }

    /// Takes the writer's lock. `threads` build segments at the same time.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process has it.
    pub fn writer(
        &self,
        directory: &Path,
        origin: &Origin,
        threads: usize,
    ) -> Result<TantivyWriter, Error> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .num_merge_threads(1)
            .memory_budget_per_thread(ARENA_BYTES)
            .build();
        let writer: IndexWriter = match self.index.writer_with_options(options) {
            Err(TantivyError::LockFailure(..)) => return Err(Error::Locked(directory.to_owned())),
            result => result?,
        };
        let writer = TantivyWriter {
            writer,
            fields: self.fields,
            origin: origin.clone(),
        };
        writer.merge_by_size();
        Ok(writer)
    }

    /// Makes the last commit visible to searches.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn reload(&self) -> Result<(), Error> {
        Ok(self.reader.reload()?)
    }

    /// A view of the index as of the last reload.
    #[must_use]
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// What its texts are analysed with.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> Fields {
        self.fields
    }
}

impl TantivyWriter {
    /// Buffers a change.
    ///
    /// # Errors
    /// When an indexing thread has died.
    pub fn apply(&mut self, operation: Operation) -> Result<(), Error> {
        match operation {
            Operation::Insert(document) => {
                self.writer.add_document(document)?;
            }
            Operation::Upsert(key, document) => {
                self.delete(key);
                self.writer.add_document(document)?;
            }
            Operation::Delete(key) => self.delete(key),
        }
        Ok(())
    }

    fn delete(&self, key: DirtyKey) {
        self.writer
            .delete_term(Term::from_field_text(self.fields.key, &key.to_string()));
    }

    /// Makes everything buffered, the cursor and what is still to be read again durable, together.
    ///
    /// # Errors
    /// When the disk fails; the index is then as it was after the last commit.
    pub fn commit(
        &mut self,
        cursor: &Cursor,
        stale: &BTreeSet<String>,
        postponed: &BTreeSet<DirtyKey>,
    ) -> Result<(), Error> {
        let payload = Payload {
            cursor: cursor.clone(),
            stale: stale.clone(),
            postponed: postponed.clone(),
            origin: self.origin.clone(),
        };
        let payload = serde_json::to_string(&payload).map_err(Error::Source)?;
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        Ok(())
    }

    fn merge_by_size(&self) {
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(DELETED_RATIO_MAX);
        self.writer.set_merge_policy(Box::new(policy));
    }

    /// Leaves segments as they are written, until [`Self::compact`].
    pub fn hold_merges(&self) {
        self.writer.set_merge_policy(Box::new(NoMergePolicy));
    }

    /// Puts all that was committed into one segment: a search looks into each. From now on merges go on by size.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn compact(&mut self) -> Result<(), Error> {
        let segments = self.writer.index().searchable_segment_ids()?;
        if segments.len() > 1 {
            self.writer.merge(&segments).wait()?;
        }
        self.merge_by_size();
        Ok(())
    }

    /// Removes the files that no segment needs any more and nobody reads.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn collect_garbage(&self) -> Result<(), Error> {
        self.writer.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Waits for the merges under way and gives the lock back.
    ///
    /// # Errors
    /// When a merge failed.
    pub fn close(self) -> Result<(), Error> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

/// The JSON of the document under a key.
///
/// # Errors
/// When the index can't be read.
pub fn find_source(
    searcher: &Searcher,
    fields: &Fields,
    key: DirtyKey,
) -> Result<Option<String>, Error> {
    find_source_by(
        searcher,
        fields,
        Term::from_field_text(fields.key, &key.to_string()),
    )
}

/// The JSON of a document that has the term.
///
/// # Errors
/// When the index can't be read.
pub fn find_source_by(
    searcher: &Searcher,
    fields: &Fields,
    term: Term,
) -> Result<Option<String>, Error> {
    let found = searcher.search(
        &TermQuery::new(term, IndexRecordOption::Basic),
        &DocSetCollector,
    )?;
    let Some(address) = found.into_iter().next() else {
        return Ok(None);
    };
    let document: TantivyDocument = searcher.doc(address)?;
    Ok(source_of(&document, fields).map(str::to_owned))
}

/// The stored JSON of a document.
#[must_use]
pub fn source_of<'a>(document: &'a TantivyDocument, fields: &Fields) -> Option<&'a str> {
    document.get_first(fields.source)?.as_str()
}

/// Calls `visit` with the key of every document of the noun.
///
/// # Errors
/// When the index can't be read.
pub fn for_each_key(
    searcher: &Searcher,
    fields: &Fields,
    noun: Noun,
    mut visit: impl FnMut(DirtyKey),
) -> Result<(), Error> {
    // `:` is followed by `;`.
    let (first, end) = (format!("{}:", noun.name()), format!("{};", noun.name()));
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(fields.key)?;
        let range = inverted.terms().range().ge(&first).lt(&end);
        let mut terms = range.into_stream().map_err(TantivyError::from)?;
        while terms.advance() {
            let mut postings = inverted
                .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
                .map_err(TantivyError::from)?;
            let mut is_alive = false;
            loop {
                let doc = tantivy::DocSet::doc(&postings);
                if doc == tantivy::TERMINATED {
                    break;
                }
                is_alive |= !segment.is_deleted(doc);
                tantivy::DocSet::advance(&mut postings);
            }
            let key = std::str::from_utf8(terms.key())
                .ok()
                .and_then(|text| text.parse().ok());
            if let Some(key) = key.filter(|_| is_alive) {
                visit(key);
            }
        }
    }
    Ok(())
}
