//! The analyzer as Tantivy sees it.

use tantivy_tokenizer_api::{TokenStream, Tokenizer};

use crate::support::analyzer;

#[test]
fn the_stream_gives_the_terms() {
    let text = "소아청소년과에서 MRI 검사를 1,000만원에";
    let mut tokenizer = analyzer().clone();
    let mut stream = tokenizer.token_stream(text);
    let mut seen = Vec::new();
    stream.process(&mut |token| {
        seen.push((
            token.text.clone(),
            token.offset_from,
            token.offset_to,
            token.position,
            token.position_length,
        ));
    });
    let expected: Vec<_> = analyzer()
        .analyze(text)
        .into_iter()
        .map(|term| (term.text, term.start, term.end, term.position as usize, 1))
        .collect();
    assert_eq!(seen, expected);
    assert!(!stream.advance());
}
