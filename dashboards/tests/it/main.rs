//! What patients and the office see, over the real database, index and search API.

mod article;
mod back_office;
mod browser;
mod dictionary;
mod home;
mod institution;
mod problem;
mod queries;
mod search;
mod search_filters;
mod site;
mod suggest;
mod support;
mod webdriver;
