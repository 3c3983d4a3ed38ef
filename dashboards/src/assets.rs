//! The files that the pages use: in the program, served under names that hold a hash of the content, kept for a year.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A changed file has another name, so a kept copy is never wrong.
const CACHE: &str = "public, max-age=31536000, immutable";

struct Asset {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    body: &'static str,
    hash: u64,
}

impl Asset {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        body: &'static str,
    ) -> Self {
        Self {
            stem,
            extension,
            content_type,
            body,
            hash: fnv1a(body.as_bytes()),
        }
    }

    fn name(&self) -> String {
        format!("{}-{:016x}.{}", self.stem, self.hash, self.extension)
    }
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ASSETS: [Asset; 6] = [
    Asset::new("site", "css", CSS, include_str!("../assets/site.css")),
    Asset::new("site", "js", JAVASCRIPT, include_str!("../assets/site.js")),
    Asset::new("icons", "svg", SVG, include_str!("../assets/icons.svg")),
    Asset::new("favicon", "svg", SVG, include_str!("../assets/favicon.svg")),
    Asset::new(
        "back-office",
        "css",
        CSS,
        include_str!("../assets/back-office.css"),
    ),
    Asset::new(
        "back-office",
        "js",
        JAVASCRIPT,
        include_str!("../assets/back-office.js"),
    ),
];

/// The address of a file of `assets/`, for templates. A template that names a file that is not there fails its test.
pub(crate) fn address(file: &str) -> String {
    let asset = ASSETS
        .iter()
        .find(|asset| file == format!("{}.{}", asset.stem, asset.extension));
    debug_assert!(asset.is_some(), "no asset {file}");
    asset.map_or_else(String::new, |asset| format!("/assets/{}", asset.name()))
}

/// `GET /assets/{name}`
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name() == name) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, CACHE),
            ];
            (headers, asset.body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// FNV-1a: enough to tell two versions of a file of ours apart, and it can be computed by the compiler.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}
