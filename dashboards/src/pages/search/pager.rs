//! The links to the pages of a list.

use crate::choices::Choices;

/// Pages named on each side of the one that is shown.
const NEIGHBOURS: u64 = 2;

/// A link to a page of the list.
pub(super) struct PageLink {
    pub(super) number: u64,
    pub(super) address: String,
    pub(super) is_current: bool,
}

/// The links around the page that is shown.
pub(super) struct Pager {
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) links: Vec<PageLink>,
}

impl Pager {
    pub(super) fn new(choices: &Choices, page: u64, pages: u64) -> Self {
        let address = |number| choices.on_page(number).address();
        let first = page.saturating_sub(NEIGHBOURS).max(1);
        let last = (page + NEIGHBOURS).min(pages);
        Self {
            previous: (page > 1).then(|| address((page - 1).min(pages.max(1)))),
            next: (page < pages).then(|| address(page + 1)),
            links: (first..=last)
                .map(|number| PageLink {
                    number,
                    address: address(number),
                    is_current: number == page,
                })
                .collect(),
        }
    }

    /// Whether there is more than one page.
    pub(super) fn is_needed(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}
