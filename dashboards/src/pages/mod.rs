//! One file for each address: what the page holds, how that is found, and the template that shows it.

pub(crate) mod article;
pub(crate) mod back_office;
mod cards;
pub(crate) mod home;
pub(crate) mod institution;
pub(crate) mod problem;
pub(crate) mod search;
pub(crate) mod suggest;
