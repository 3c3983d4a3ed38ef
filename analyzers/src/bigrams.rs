//! Pairs of neighbouring letters, a second and coarser analysis beside the first: a word that is cut in one way in a text and in
//! another in a query still shares its pairs. In a field of its own, with a small weight: in the same field as the terms they harm.

use tantivy_tokenizer_api::{Token, TokenStream, Tokenizer};

use crate::normalise::Normalised;

/// The pairs of letters and digits within each word of a text, in order; a word of one letter is that letter. `비급여 주사` →
/// `비급` `급여` `주사`.
pub fn bigrams(text: &str) -> Vec<String> {
    let text = Normalised::new(text).text;
    let mut pairs = Vec::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()) {
        let mut letters = word.chars().peekable();
        let is_alone = word.chars().nth(1).is_none();
        while let Some(first) = letters.next() {
            match letters.peek() {
                Some(second) => pairs.push([first, *second].iter().collect()),
                None if is_alone => pairs.push(first.to_string()),
                None => {}
            }
        }
    }
    pairs
}

/// [`bigrams`] as a tokenizer of Tantivy. Offsets are not told: nothing is highlighted by a pair.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bigrams;

/// The pairs of one text, one after the other.
#[derive(Debug)]
pub struct BigramStream {
    pairs: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Bigrams {
    type TokenStream<'a> = BigramStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> BigramStream {
        BigramStream {
            pairs: bigrams(text).into_iter(),
            token: Token::default(),
        }
    }
}

impl TokenStream for BigramStream {
    fn advance(&mut self) -> bool {
        let Some(pair) = self.pairs.next() else {
            return false;
        };
        self.token.text = pair;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_do_not_cross_words_and_a_letter_alone_is_itself() {
        assert_eq!(
            bigrams("비급여 주사, 약 CT"),
            ["비급", "급여", "주사", "약", "ct"]
        );
        assert_eq!(bigrams(" …"), Vec::<String>::new());
    }
}
