//! The analyzer as a tokenizer of Tantivy, by `tantivy-tokenizer-api` alone.

use tantivy_tokenizer_api::{Token, TokenStream, Tokenizer};

use crate::Analyzer;

/// The terms of one text, one after the other.
#[derive(Debug)]
pub struct AnalyzerStream {
    terms: std::vec::IntoIter<crate::Token>,
    token: Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = AnalyzerStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> AnalyzerStream {
        AnalyzerStream {
            terms: self.analyze(text).into_iter(),
            token: Token::default(),
        }
    }
}

impl TokenStream for AnalyzerStream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.next() else {
            return false;
        };
        self.token = Token {
            offset_from: term.start,
            offset_to: term.end,
            position: term.position as usize,
            text: term.text,
            position_length: 1,
        };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
