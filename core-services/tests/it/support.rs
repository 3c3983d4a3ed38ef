//! A database of its own for each test, and files to import into it.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use cdc::private_server::{Options, PrivateServer};
use core_services::import::progress::Silent;
use core_services::import::{self, Rejects, Summary};
use core_services::{Error, MIGRATOR, db};
use sqlx::mysql::MySqlPool;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;
use tokio::sync::OnceCell;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A row of the rejects file: line, column, value, reason.
pub(crate) type Rejected = (u64, String, String, String);

/// A migrated database and a directory for files.
pub(crate) struct TestDatabase {
    pub(crate) pool: MySqlPool,
    pub(crate) name: String,
    pub(crate) url: String,
    directory: TempDir,
}

impl TestDatabase {
    pub(crate) async fn new() -> Self {
        let server = SERVER
            .get_or_init(|| async {
                let directory =
                    Path::new(env!("CARGO_TARGET_TMPDIR")).join("core-services-mariadb");
                PrivateServer::start_afresh(Options::for_tests(directory))
                    .await
                    .unwrap()
            })
            .await;
        let name = format!(
            "it_{}_{}",
            std::process::id(),
            DATABASES.fetch_add(1, Ordering::Relaxed)
        );
        server.create_database(&name).await.unwrap();
        let url = server.url(&name);
        let pool = db::connect(&url).await.unwrap();
        MIGRATOR.run(&pool).await.unwrap();
        Self {
            pool,
            name,
            url,
            directory: TempDir::new().unwrap(),
        }
    }

    /// Writes a file next to the others.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports institutions from a file with these bytes.
    pub(crate) async fn import(
        &self,
        bytes: impl AsRef<[u8]>,
    ) -> Result<(Summary, Vec<Rejected>), Error> {
        let path = self.write("institutions", bytes);
        self.import_file(&path).await
    }

    pub(crate) async fn import_file(&self, path: &Path) -> Result<(Summary, Vec<Rejected>), Error> {
        let mut rejects = Rejects::create(&self.rejects_path())?;
        let summary =
            import::institutions(&self.pool, path, &mut rejects, &mut Silent, pending()).await?;
        Ok((checked(summary), self.rejects()))
    }

    pub(crate) async fn import_articles(&self) -> Result<(Summary, Vec<Rejected>), Error> {
        let mut rejects = Rejects::create(&self.rejects_path())?;
        let directory = self.directory.path().join("articles");
        let summary =
            import::articles(&self.pool, &directory, &mut rejects, &mut Silent, pending()).await?;
        Ok((checked(summary), self.rejects()))
    }

    pub(crate) fn rejects_path(&self) -> PathBuf {
        self.directory.path().join("rejects.csv")
    }

    fn rejects(&self) -> Vec<Rejected> {
        let bytes = std::fs::read(self.rejects_path()).unwrap();
        let text = bytes
            .strip_prefix("\u{feff}".as_bytes())
            .expect("Excel needs the byte order mark");
        csv::Reader::from_reader(text)
            .deserialize::<(String, u64, String, String, String)>()
            .map(|row| row.unwrap())
            .map(|(_, line, column, value, reason)| (line, column, value, reason))
            .collect()
    }

    /// One number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// All rows as text, values joined by `|`.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let text = |row: sqlx::mysql::MySqlRow| {
            let value = |at| {
                row.get::<Option<String>, _>(at)
                    .unwrap_or_else(|| String::from("-"))
            };
            (0..row.len()).map(value).collect::<Vec<_>>().join("|")
        };
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&self.pool)
            .await
            .unwrap();
        rows.into_iter().map(text).collect()
    }

    /// Where the server's binlog stands.
    pub(crate) async fn binlog_position(&self) -> (String, u64) {
        let row = sqlx::query("show master status")
            .fetch_one(&self.pool)
            .await
            .unwrap();
        (row.get(0), row.get(1))
    }

    /// How many row changes (tables named before row events) of this database the binlog has behind `position`.
    pub(crate) async fn row_events_since(&self, (file, position): (String, u64)) -> usize {
        let sql = format!("show binlog events in '{file}' from {position}");
        let events = sqlx::raw_sql(AssertSqlSafe(sql))
            .fetch_all(&self.pool)
            .await
            .unwrap();
        let ours = format!("({}.", self.name);
        events
            .iter()
            .filter(|event| event.get::<String, _>("Event_type") == "Table_map")
            .filter(|event| event.get::<String, _>("Info").contains(&ours))
            .count()
    }
}

/// The promise of every summary.
pub(crate) fn checked(summary: Summary) -> Summary {
    assert_eq!(
        summary.read,
        summary.inserted + summary.changed + summary.unchanged + summary.rejected
    );
    summary
}

/// What an import should have done: read, inserted, changed, unchanged, rejected.
pub(crate) fn summary(figures: [u64; 5]) -> Summary {
    let [read, inserted, changed, unchanged, rejected] = figures;
    Summary {
        read,
        inserted,
        changed,
        unchanged,
        rejected,
        cut_short: false,
    }
}

/// A minimal xlsx: one sheet whose cells are the given XML.
pub(crate) fn xlsx(sheet_rows: &str, shared_strings: &str) -> Vec<u8> {
    use std::io::Write;
    let entries = [
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="hospInfo" sheetId="1" r:id="rId1"/></sheets></workbook>"#.to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/styles.xml",
            r#"<?xml version="1.0" encoding="UTF-8"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#.to_owned(),
        ),
        (
            "xl/sharedStrings.xml",
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {shared_strings}</sst>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet_rows}</sheetData></worksheet>"#
            ),
        ),
    ];
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in entries {
        writer.start_file(name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A cell with text of its own.
pub(crate) fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}
