//! The page of `toward explain`: sentences with their words coloured, what adds up to the label, what would change it.
//!
//! Like the report it is one file that loads nothing; it has no script at all.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::Result;
use crate::Label;
use crate::model::{Change, Classifier, Explanation, Feature, Grounds, ModelError, Word};

const PAGE: &str = include_str!("../../templates/explain.html");
const STYLE: &str = include_str!("../../templates/report.css");
const OWN_STYLE: &str = include_str!("../../templates/explain.css");

/// The most features listed.
const FEATURES: usize = 15;

/// A mention that is explained. As JSON, what would change the label stands beside the fields of the explanation.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Why it gets its label.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// What would change it; null if no few words would.
    pub change: Option<Change>,
}

impl Explained {
    /// Explanations, each with what would change the label.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn all(classifier: &Classifier, explanations: Vec<Explanation>) -> Result<Vec<Explained>, ModelError> {
        let change = |explanation| Ok(Explained { change: classifier.change(&explanation)?, explanation });
        explanations.into_iter().map(change).collect()
    }
}

#[derive(Serialize)]
struct Card {
    actor: String,
    mention: String,
    label: &'static str,
    encoder: bool,
    shares: Vec<Share>,
    pieces: Vec<Piece>,
    bars: Vec<Bar>,
    rest: Option<String>,
    score: String,
    features: Vec<Bar>,
    change: Option<Changed>,
}

#[derive(Serialize)]
struct Share {
    label: &'static str,
    percent: String,
    width: f32,
    score: String,
}

/// A piece of the sentence: `for`, `against`, `mention` or nothing.
#[derive(Serialize)]
struct Piece {
    text: String,
    kind: &'static str,
    /// Of the strongest word, in per cent.
    strength: f64,
    adds: String,
}

#[derive(Serialize)]
struct Bar {
    name: String,
    kind: &'static str,
    width: f64,
    adds: String,
}

#[derive(Serialize)]
struct Changed {
    pieces: Vec<Piece>,
    label: &'static str,
    percent: String,
    smallest: bool,
    count: usize,
}

/// Makes the page.
///
/// # Errors
///
/// If the template cannot be rendered, which is a defect of this crate.
pub fn render_explanations(explained: &[Explained]) -> Result<String> {
    let cards: Vec<Card> = explained.iter().map(card).collect();
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("explain.html", PAGE)?;
    Ok(environment.get_template("explain.html")?.render(context! {
        style => STYLE,
        own_style => OWN_STYLE,
        cards => Serde(cards),
        version => env!("CARGO_PKG_VERSION"),
    })?)
}

fn card(Explained { explanation, change }: &Explained) -> Card {
    let label = explanation.label;
    let at = label.index();
    let adds = |word: &Word| word.contributions[at];
    let strongest = explanation.words.iter().map(|word| adds(word).abs()).fold(0.0, f64::max);
    let mention = explanation.place.start..explanation.place.end;
    let is_mention = |word: &Word| mention.contains(&word.character);
    // Where words were left out, the mention was not.
    let summed = matches!(explanation.grounds, Grounds::Sum { .. });
    let is_shown = |word: &&Word| word.text.chars().any(char::is_alphanumeric) && (summed || !is_mention(word));
    let mut bars: Vec<&Word> = explanation.words.iter().filter(is_shown).collect();
    bars.sort_by(|a, b| adds(b).abs().total_cmp(&adds(a).abs()).then(a.start.cmp(&b.start)));
    let (rest, features) = match &explanation.grounds {
        Grounds::Occlusion => (None, Vec::new()),
        Grounds::Sum { features, .. } => {
            let rest = explanation.scores[at] - bars.iter().map(|word| adds(word)).sum::<f64>();
            let mut features: Vec<&Feature> = features.iter().collect();
            let strength = |feature: &Feature| feature.contributions[at].abs();
            features.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then(a.name.cmp(&b.name)));
            let most = features.first().map_or(0.0, |feature| strength(feature));
            let features = features.into_iter().take(FEATURES);
            (Some(signed(rest)), features.map(|feature| bar(&feature.name, feature.contributions[at], most)).collect())
        }
    };
    let kind = |word: &Word| if is_mention(word) { "mention" } else { side(adds(word)) };
    let share = |other: Label| Share {
        label: other.name(),
        percent: format!("{:.1}", 100.0 * explanation.probabilities[other.index()]),
        width: 100.0 * explanation.probabilities[other.index()],
        score: signed(explanation.scores[other.index()]),
    };
    Card {
        actor: explanation.actor.clone(),
        mention: explanation.mention.clone(),
        label: label.name(),
        encoder: !summed,
        shares: Label::ALL.into_iter().map(share).collect(),
        pieces: pieces(
            &explanation.sentence,
            explanation.words.iter().map(|word| Piece {
                text: word.text.clone(),
                kind: kind(word),
                strength: percent_of(adds(word), strongest),
                adds: signed(adds(word)),
            }),
            |at| explanation.words[at].start,
        ),
        bars: bars.into_iter().map(|word| bar(&word.text, adds(word), strongest)).collect(),
        rest,
        score: signed(explanation.scores[at]),
        features,
        change: change.as_ref().map(|change| Changed {
            pieces: pieces(
                &explanation.sentence,
                change.without.iter().map(|word| Piece {
                    text: word.text.clone(),
                    kind: "gone",
                    strength: 0.0,
                    adds: String::new(),
                }),
                |at| change.without[at].start,
            ),
            label: change.label.name(),
            percent: format!("{:.1}", 100.0 * change.probabilities[change.label.index()]),
            smallest: change.smallest,
            count: change.without.len(),
        }),
    }
}

/// The sentence as these pieces and the plain text between them; `start` gives the first byte of the nth.
fn pieces(sentence: &str, marked: impl Iterator<Item = Piece>, start: impl Fn(usize) -> usize) -> Vec<Piece> {
    let plain = |text: &str| Piece { text: text.to_owned(), kind: "", strength: 0.0, adds: String::new() };
    let (mut pieces, mut written) = (Vec::new(), 0);
    for (at, piece) in marked.enumerate() {
        let start = start(at);
        pieces.push(plain(&sentence[written..start]));
        written = start + piece.text.len();
        pieces.push(piece);
    }
    pieces.push(plain(&sentence[written..]));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

fn bar(name: &str, adds: f64, strongest: f64) -> Bar {
    Bar { name: name.to_owned(), kind: side(adds), width: percent_of(adds, strongest), adds: signed(adds) }
}

fn side(adds: f64) -> &'static str {
    if adds > 0.0 { "for" } else { "against" }
}

fn percent_of(adds: f64, strongest: f64) -> f64 {
    if strongest > 0.0 { (1000.0 * adds.abs() / strongest).round() / 10.0 } else { 0.0 }
}

/// A number with its sign, with the minus that typographers use.
fn signed(number: f64) -> String {
    // Zero is added so that what rounds to nothing has no minus.
    let rounded = (100.0 * number).round() / 100.0 + 0.0;
    format!("{rounded:+.2}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::{Explained, render_explanations};
    use crate::model::{Classifier, Effort};

    #[test]
    fn the_page_shows_every_word_once_and_escapes() {
        let classifier = Classifier::embedded(Effort::Fast).unwrap();
        let sentence = "Xi <b>accused</b> Washington & \"NATO\" of 'lies'.";
        let explained = Explained::all(&classifier, classifier.explain(sentence, None).unwrap()).unwrap();
        assert_eq!(explained.len(), 3);
        let page = render_explanations(&explained).unwrap();
        assert!(!page.contains("<b>") && !page.contains("<script") && !page.contains("http:"));
        assert!(page.contains("&lt;") && page.contains("United States"));
        assert_eq!(page.matches("class=\"explained\"").count(), 3);
    }
}
