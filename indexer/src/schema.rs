//! The one definition of the index: its fields, how each is analysed, and the version of all that.
//!
//! Institutions, articles and public holidays live in one index, so that one commit, and with it one binlog position,
//! covers them all. A document's `source` is the whole document as JSON: what searches return and `verify` compares.

use std::sync::LazyLock;

use analyzers::{Analyzer, Bigrams};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexBuilder, IndexSettings};

/// Counts up with every change of the fields or of what is put into them; an index of another version is built anew.
pub const SCHEMA_VERSION: u32 = 7;

/// Names of the Korean analysis and of the pairs of letters among the index's tokenizers.
const KOREAN: &str = "korean";
const BIGRAMS: &str = "bigrams";

/// Documents are stored in compressed blocks, and a hit is read with its whole block: a few institutions, one article.
const STORED_BLOCK_BYTES: usize = 4096;

/// Before the first consonants of a whole name: no letter of one.
pub const WHOLE: &str = "^";

/// The fields by name.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// `institution:42`: one term per document, by which it is replaced and deleted.
    pub key: Field,
    /// `institution`, `article` or `holiday`.
    pub noun: Field,
    /// Number of an institution or article: what hits of the same rank are ordered by.
    pub id: Field,
    /// Name of an article in its address.
    pub slug: Field,
    /// The document as JSON.
    pub source: Field,
    /// Name of an institution (Korean analysis).
    pub name: Field,
    /// What else an institution is called: its kind, services, departments with their former names (Korean analysis).
    pub keywords: Field,
    /// Where an institution is (Korean analysis).
    pub address: Field,
    /// Introduction of an institution (Korean analysis).
    pub description: Field,
    /// Title of an article (Korean analysis).
    pub title: Field,
    /// What an article is about: topics, departments with their former names (Korean analysis).
    pub subjects: Field,
    /// Summary of an article (Korean analysis).
    pub summary: Field,
    /// Text of an article (Korean analysis).
    pub body: Field,
    /// Title, summary and text of an article as pairs of letters ([`analyzers::bigrams`]).
    pub bigrams: Field,
    /// Names of institutions as they are typed.
    pub names: Keys,
    /// The letters and digits ([`analyzers::letters_key`]) of an institution's name: what it is found by where a syllable is missing.
    pub name_letters: Field,
    /// Titles of articles as they are typed.
    pub titles: Keys,
    /// Kind of institution, as in the table's enum.
    pub kind: Field,
    /// Departments by their current names.
    pub department: Field,
    /// Province or metropolitan city (시도).
    pub sido: Field,
    /// City, county or district (시군구).
    pub sigungu: Field,
    /// Town or neighbourhood (읍면동).
    pub eupmyeondong: Field,
    /// WGS84 degrees north.
    pub latitude: Field,
    /// WGS84 degrees east.
    pub longitude: Field,
    /// When it is open ([`crate::opening`]).
    pub open: Field,
    /// What people filter by ([`crate::documents::Service`]).
    pub service: Field,
    /// Specialists of an institution.
    pub specialists: Field,
    /// Topics of an article.
    pub topic: Field,
    /// KCD codes of an article.
    pub kcd_code: Field,
    /// Days since 1970-01-01 of an article's last revision.
    pub revised_day: Field,
}

/// Names as they are typed, letter by letter.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// Jamo key ([`analyzers::jamo_key`]) of the whole name: what one that is spelt alike is found by.
    pub whole: Field,
    /// Jamo keys of the name and of its later words.
    pub words: Field,
    /// First consonants ([`analyzers::initials`]): of the whole name, after [`WHOLE`], and of its later words.
    pub initials: Field,
}

/// The schema and its fields.
#[must_use]
pub fn schema() -> (Schema, Fields) {
    // Made once: searches ask for names of fields in each segment.
    static SCHEMA: LazyLock<(Schema, Fields)> = LazyLock::new(make_schema);
    SCHEMA.clone()
}

fn make_schema() -> (Schema, Fields) {
    let korean = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(KOREAN)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let bigrams = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(BIGRAMS)
            .set_index_option(IndexRecordOption::WithFreqs),
    );
    let facet = || STRING | FAST;
    let mut builder = Schema::builder();
    let fields = Fields {
        key: builder.add_text_field("key", STRING),
        noun: builder.add_text_field("noun", STRING),
        id: builder.add_u64_field("id", FAST),
        slug: builder.add_text_field("slug", STRING),
        source: builder.add_text_field("source", STORED),
        name: builder.add_text_field("name", korean.clone()),
        keywords: builder.add_text_field("keywords", korean.clone()),
        address: builder.add_text_field("address", korean.clone()),
        description: builder.add_text_field("description", korean.clone()),
        title: builder.add_text_field("title", korean.clone()),
        subjects: builder.add_text_field("subjects", korean.clone()),
        summary: builder.add_text_field("summary", korean.clone()),
        body: builder.add_text_field("body", korean),
        bigrams: builder.add_text_field("bigrams", bigrams),
        names: Keys {
            whole: builder.add_text_field("name_key", STRING),
            words: builder.add_text_field("name_words", STRING),
            initials: builder.add_text_field("name_initials", STRING),
        },
        name_letters: builder.add_text_field("name_letters", STRING),
        titles: Keys {
            whole: builder.add_text_field("title_key", STRING),
            words: builder.add_text_field("title_words", STRING),
            initials: builder.add_text_field("title_initials", STRING),
        },
        kind: builder.add_text_field("kind", facet()),
        department: builder.add_text_field("department", facet()),
        sido: builder.add_text_field("sido", facet()),
        sigungu: builder.add_text_field("sigungu", facet()),
        eupmyeondong: builder.add_text_field("eupmyeondong", facet()),
        latitude: builder.add_f64_field("latitude", FAST),
        longitude: builder.add_f64_field("longitude", FAST),
        open: builder.add_text_field("open", STRING),
        service: builder.add_text_field("service", facet()),
        specialists: builder.add_u64_field("specialists", FAST),
        topic: builder.add_text_field("topic", facet()),
        kcd_code: builder.add_text_field("kcd_code", STRING),
        revised_day: builder.add_i64_field("revised_day", INDEXED | FAST),
    };
    (builder.build(), fields)
}

/// A builder of an index with the schema and the Korean analysis.
pub(crate) fn index_builder(analyzer: &Analyzer) -> IndexBuilder {
    let (schema, _) = schema();
    let tokenizers = tantivy::tokenizer::TokenizerManager::default();
    tokenizers.register(KOREAN, TextAnalyzer::from(analyzer.clone()));
    tokenizers.register(BIGRAMS, TextAnalyzer::from(Bigrams));
    let settings = IndexSettings {
        docstore_blocksize: STORED_BLOCK_BYTES,
        ..IndexSettings::default()
    };
    Index::builder()
        .schema(schema)
        .tokenizers(tokenizers)
        .settings(settings)
}

/// The fields of text that a search looks into, for each its name.
#[must_use]
pub fn field_name(field: Field) -> String {
    schema().0.get_field_name(field).to_owned()
}
