//! The nearest hits, by circles that grow until they hold enough, so that not every hit of the country is measured.

use indexer::LiveIndex;
use indexer::documents::Point;
use tantivy::DocAddress;
use tantivy::collector::Count;
use tantivy::query::{BooleanQuery, Query};

use super::distance::{ByDistance, within};
use crate::error::ApiError;
use crate::parameters::Page;
use crate::segments::ById;

/// So many hits are put in order as fast as the first circle is cut out.
const SORTED_MAX: usize = 1_000;
/// Radii: the first holds a page of pharmacies in a town, the last a province; beyond it, everything is measured.
const CIRCLES_METERS: [f64; 5] = [1_000.0, 3_000.0, 9_000.0, 27_000.0, 81_000.0];

/// The page of the query's hits by distance, equals by number; `total` is how many hits there are.
pub(super) fn nearest(
    index: &LiveIndex,
    query: &BooleanQuery,
    centre: Point,
    page: Page,
    total: usize,
) -> Result<Vec<DocAddress>, ApiError> {
    let sorted = |query: &dyn Query| {
        let order = (ByDistance { centre }, ById);
        let found = (page.top().order_by(order), Count);
        index.searcher.search(query, &found)
    };
    let circles = CIRCLES_METERS.iter().filter(|_| total > SORTED_MAX);
    let mut hits = None;
    for meters in circles {
        let circle = within(&index.fields, centre, *meters);
        let inside = BooleanQuery::intersection(vec![Box::new(query.clone()), circle]);
        let (nearest, count) = sorted(&inside)?;
        // Whatever is outside is further away than all of these.
        if count >= page.last() || count == total {
            hits = Some(nearest);
            break;
        }
    }
    let hits = match hits {
        Some(hits) => hits,
        None => sorted(query)?.0,
    };
    Ok(hits.into_iter().map(|(_, address)| address).collect())
}
