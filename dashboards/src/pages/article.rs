//! `GET /articles/{slug}`: a health article, from CommonMark.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use super::problem::ProblemPage;
use crate::api::{Api, Article};
use crate::choices::Choices;
use crate::frame::{Frame, show as reply};
use crate::korean;

/// A name with the search that it stands for.
struct Link {
    text: String,
    address: String,
}

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    frame: Frame,
    title: String,
    summary: String,
    topics: Vec<Link>,
    departments: Vec<Link>,
    /// The search for those who treat it.
    treated_by: Option<String>,
    reviewer: Option<String>,
    published_on: Option<String>,
    revised_on: Option<String>,
    /// Rendered by [`html_of`].
    body: String,
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(slug): Path<String>,
) -> Result<Response, ProblemPage> {
    let article = api.article(&slug).await?;
    Ok(reply(&ArticlePage::new(article)))
}

impl ArticlePage {
    fn new(article: Article) -> Self {
        let with_all = |choices: Choices, name: &String| choices.with("department", name);
        let treated_by = article
            .departments
            .iter()
            .fold(Choices::default(), with_all);
        let topic = |text: String| Link {
            address: Choices::default()
                .in_tab("articles")
                .with("topic", &text)
                .address(),
            text,
        };
        let department = |text: String| Link {
            address: Choices::default().with("department", &text).address(),
            text,
        };
        Self {
            frame: Frame::fresh(&article.index),
            body: html_of(&article.body),
            title: article.title,
            summary: article.summary,
            treated_by: (!article.departments.is_empty()).then(|| treated_by.address()),
            topics: article.topics.into_iter().map(topic).collect(),
            departments: article.departments.into_iter().map(department).collect(),
            reviewer: article.reviewer,
            published_on: article.published_on.map(korean::date),
            revised_on: article
                .revised_on
                .filter(|date| Some(*date) != article.published_on)
                .map(korean::date),
        }
    }
}

/// CommonMark and tables as HTML. Raw HTML is shown as the text that it is, links lead to the web or to us, and pictures
/// give way to their description. No strikethrough: Korean writes ranges with `~`.
fn html_of(markdown: &str) -> String {
    let events =
        Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let dest_url = if leads_somewhere(&dest_url) {
                    dest_url
                } else {
                    "#content".into()
                };
                Some(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }))
            }
            event => Some(event),
        });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    rendered
}

/// Whether a link is to the web, to a telephone or to a page of ours.
fn leads_somewhere(url: &str) -> bool {
    let is_ours = url.starts_with('/') && !url.starts_with("//");
    let known = ["https://", "http://", "tel:", "#"];
    is_ours
        || known.iter().any(|scheme| {
            url.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_is_text() {
        let html = html_of("앞 <b onclick=\"x()\">굵게</b>\n\n<script>alert(1)</script>\n\n뒤");
        assert!(!html.contains("<b") && !html.contains("<script"), "{html}");
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{html}"
        );
    }

    #[test]
    fn links_lead_to_the_web_or_to_us() {
        let html = html_of(
            "[가](javascript:alert(1)) [나](https://www.kdca.go.kr) [다](/search?q=감기) [라](//evil.example)",
        );
        assert!(
            !html.contains("javascript") && !html.contains("evil"),
            "{html}"
        );
        assert!(
            html.contains("href=\"https://www.kdca.go.kr\"") && html.contains("href=\"/search?q="),
            "{html}"
        );
    }

    #[test]
    fn ranges_are_not_struck_through() {
        assert_eq!(html_of("3~5일, 하루 2~~3번"), "<p>3~5일, 하루 2~~3번</p>\n");
        assert_eq!(
            html_of("![그림 설명](https://example.com/a.png)"),
            "<p>그림 설명</p>\n"
        );
    }
}
