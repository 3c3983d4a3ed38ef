//! The double's filter expressions: `a = v`, `a IN [v, …]` and `_geoRadius(lat, lng, metres)`, joined by `AND`.

use serde_json::Value;

/// One condition of an expression, all of which must hold.
#[derive(Debug)]
pub(super) enum Condition {
    AnyOf(String, Vec<String>),
    Within([f64; 3]),
}

/// Parses an expression; the message of the error otherwise. Only filterable attributes may stand in it.
pub(super) fn parse(text: &str, filterable: &[&str]) -> Result<Vec<Condition>, String> {
    let mut rest = text.trim_start();
    let mut conditions = Vec::new();
    while !rest.is_empty() {
        let (condition, after) = condition(rest)?;
        let attribute = match &condition {
            Condition::AnyOf(attribute, _) => attribute.as_str(),
            Condition::Within(_) => "_geo",
        };
        if !filterable.contains(&attribute) {
            return Err(format!("Attribute `{attribute}` is not filterable."));
        }
        conditions.push(condition);
        rest = match after.trim_start() {
            "" => "",
            more => more
                .strip_prefix("AND ")
                .ok_or(format!("expected AND: {more}"))?
                .trim_start(),
        };
    }
    Ok(conditions)
}

fn condition(text: &str) -> Result<(Condition, &str), String> {
    if let Some(rest) = text.strip_prefix("_geoRadius(") {
        let (inside, rest) = rest.split_once(')').ok_or("no `)`")?;
        let numbers: Result<Vec<f64>, _> =
            inside.split(',').map(|one| one.trim().parse()).collect();
        let numbers = numbers.map_err(|_| inside.to_owned())?;
        let circle = numbers.try_into().map_err(|_| inside.to_owned())?;
        return Ok((Condition::Within(circle), rest));
    }
    let (attribute, rest) = text.split_once(' ').ok_or(text)?;
    if let Some(rest) = rest.strip_prefix("= ") {
        let (value, rest) = value(rest)?;
        return Ok((Condition::AnyOf(attribute.to_owned(), vec![value]), rest));
    }
    let mut rest = rest
        .strip_prefix("IN [")
        .ok_or(format!("no operator: {rest}"))?;
    let mut values = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(']') {
            return Ok((Condition::AnyOf(attribute.to_owned(), values), after));
        }
        let (one, after) = value(rest)?;
        values.push(one);
        rest = after.trim_start_matches([',', ' ']);
    }
}

/// A bare word, or a text in quotes with `\"` and `\\` for what would end it.
fn value(text: &str) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', ',', ']']).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            _ => value.push(letter),
        }
    }
    Err(format!("no end of {text}"))
}

impl Condition {
    pub(super) fn holds(&self, document: &Value) -> bool {
        match self {
            Self::AnyOf(attribute, wanted) => texts(&document[attribute]).any(|text| {
                wanted
                    .iter()
                    .any(|one| one.to_lowercase() == text.to_lowercase())
            }),
            Self::Within([lat, lng, meters]) => {
                distance(document, *lat, *lng).is_some_and(|distance| distance <= *meters)
            }
        }
    }
}

/// The texts of an attribute, which may be a list.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    value.as_str().into_iter().chain(list)
}

/// Metres along the great circle; `None` for what is nowhere.
pub(super) fn distance(document: &Value, lat: f64, lng: f64) -> Option<f64> {
    let geo = document.get("_geo")?;
    let (lat, lng) = (lat.to_radians(), lng.to_radians());
    let (to_lat, to_lng) = (
        geo["lat"].as_f64()?.to_radians(),
        geo["lng"].as_f64()?.to_radians(),
    );
    let half = ((to_lat - lat) / 2.0).sin().powi(2)
        + lat.cos() * to_lat.cos() * ((to_lng - lng) / 2.0).sin().powi(2);
    Some(2.0 * 6_372_797.0 * half.sqrt().asin())
}
