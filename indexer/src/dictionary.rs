//! What a generation is analysed with: the program's own lists and the operators' words as they were when it was built. The
//! words are in a file of its folder, so that it is always opened with the very same analysis.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use analyzers::Analyzer;
use serde::{Deserialize, Serialize};
use sqlx::MySqlPool;
use tracing::warn;

use crate::documents::{self, WordDocument};
use crate::error::{Error, file};

/// In the folder of a generation.
const FILE: &str = "dictionary.json";

/// The operators' words that a generation was built with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dictionary {
    /// Word → parts separated by spaces; `None` keeps it whole.
    words: BTreeMap<String, Option<String>>,
    /// The newest request to build anew when the build began; later ones ask for another.
    pub(crate) request: u64,
    /// Those of the words that are of no use, with the reason.
    #[serde(skip)]
    left_out: Vec<String>,
}

/// How the operators' words differ from those that a generation was built with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Words that it does not know yet.
    pub added: usize,
    /// Words that it cuts otherwise.
    pub changed: usize,
    /// Words that it still knows.
    pub removed: usize,
}

/// The analysis of a generation.
#[derive(Clone)]
pub struct Analysis {
    pub(crate) analyzer: Analyzer,
    pub(crate) dictionary: Arc<Dictionary>,
}

impl Dictionary {
    /// How many words of operators it was built with.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words.len() - self.left_out.len()
    }

    /// Words of operators that are of no use, with the reason.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// What a build now would change.
    #[must_use]
    pub fn pending(&self, now: &[WordDocument]) -> Pending {
        let mut pending = Pending::default();
        let mut known = 0;
        for word in now {
            match self.words.get(&word.word) {
                None => pending.added += 1,
                Some(parts) => {
                    known += 1;
                    pending.changed += usize::from(*parts != word.parts);
                }
            }
        }
        pending.removed = self.words.len() - known;
        pending
    }

    /// To be written before the generation goes live, which makes it last.
    fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let text = serde_json::to_vec(self).map_err(Error::Source)?;
        let write = || -> io::Result<()> {
            let mut out = File::create(&path)?;
            out.write_all(&text)?;
            out.sync_all()
        };
        write().map_err(file("write", &path))
    }

    /// A generation without the file is older than the operators' words.
    fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(Error::Source),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(file("read", &path)(source)),
        }
    }
}

impl Pending {
    /// Whether there is nothing to build anew for.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Analysis {
    /// Of a generation that begins now, with the words of the tables, which its folder remembers.
    pub(crate) async fn begin(
        base: &Analyzer,
        pool: &MySqlPool,
        folder: &Path,
    ) -> Result<Self, Error> {
        // Before the words: a request that comes between them is answered twice, never not at all.
        let request = documents::newest_request(pool).await?;
        let words = documents::list_words(pool).await?;
        let dictionary = Dictionary {
            words: words
                .into_iter()
                .map(|word| (word.word, word.parts))
                .collect(),
            request,
            left_out: Vec::new(),
        };
        dictionary.write(folder)?;
        Self::of(base, dictionary)
    }

    /// Of the generation in a folder.
    pub(crate) fn open(base: &Analyzer, folder: &Path) -> Result<Self, Error> {
        Self::of(base, Dictionary::read(folder)?)
    }

    fn of(base: &Analyzer, mut dictionary: Dictionary) -> Result<Self, Error> {
        let words = dictionary.words.iter();
        let words = words.map(|(word, parts)| (word.as_str(), parts.as_deref()));
        let (analyzer, left_out) = base.with_words(words).map_err(Error::Analysis)?;
        for reason in &left_out {
            warn!(%reason, "a word of the dictionary is left out");
        }
        dictionary.left_out = left_out;
        Ok(Self {
            analyzer,
            dictionary: Arc::new(dictionary),
        })
    }
}

/// Without any words of operators.
impl From<&Analyzer> for Analysis {
    fn from(base: &Analyzer) -> Self {
        Self {
            analyzer: base.clone(),
            dictionary: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str, parts: Option<&str>) -> WordDocument {
        WordDocument {
            id: 0,
            word: word.to_owned(),
            parts: parts.map(str::to_owned),
        }
    }

    #[test]
    fn what_a_build_would_change_is_counted() {
        let words = [
            ("가나", None),
            ("다라", None),
            ("마바", Some("마 바".to_owned())),
        ];
        let dictionary = Dictionary {
            words: words.map(|(word, parts)| (word.to_owned(), parts)).into(),
            ..Dictionary::default()
        };
        let pending = dictionary.pending(&[
            word("다라", Some("다 라")),
            word("마바", Some("마 바")),
            word("사아", None),
        ]);
        assert_eq!((pending.added, pending.changed, pending.removed), (1, 1, 1));
        assert!(Dictionary::default().pending(&[]).is_empty());
    }

    #[test]
    fn a_folder_remembers_the_words() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            Dictionary::read(folder.path()).unwrap(),
            Dictionary::default()
        );
        let dictionary = Dictionary {
            words: [("마바".to_owned(), Some("마 바".to_owned()))].into(),
            request: 7,
            left_out: Vec::new(),
        };
        dictionary.write(folder.path()).unwrap();
        assert_eq!(Dictionary::read(folder.path()).unwrap(), dictionary);
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(matches!(
            Dictionary::read(folder.path()),
            Err(Error::Source(_))
        ));
    }
}
