//! The page: what the template is given, and the template.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::charts::{self, percent, signed, thousands};
use super::rows::Rows;
use super::summary::{Pair, Summary};
use super::tally::Tally;
use super::words::Words;
use super::{Result, embed};
use crate::Label;

const PAGE: &str = include_str!("../../templates/report.html");
const CHARTS: &str = include_str!("../../templates/charts.html");
const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The most panels of lines over time.
const PANELS: usize = 11;

/// What the page is called.
#[derive(Clone, Debug, Default)]
pub struct PageOptions {
    /// The title; `None` for one with the file's name.
    pub title: Option<String>,
}

#[derive(Serialize)]
struct Actor {
    name: String,
    index: u32,
    total: String,
    labels: Vec<Share>,
    net: String,
    side: &'static str,
    quotes: Vec<Quotes>,
}

#[derive(Serialize)]
struct Share {
    label: &'static str,
    count: String,
    percent: String,
    /// The share times 100, for a bar's width.
    width: f64,
    low: String,
    high: String,
}

#[derive(Serialize)]
struct Quotes {
    label: &'static str,
    quotes: Vec<Quote>,
}

#[derive(Serialize)]
struct Quote {
    pieces: Vec<Piece>,
    percent: String,
    source: Option<String>,
    day: Option<String>,
}

/// A piece of a sentence.
#[derive(Serialize)]
struct Piece {
    text: String,
    /// `mention`, `word` or nothing.
    kind: &'static str,
    adds: String,
}

#[derive(Serialize)]
struct Together {
    sentences: String,
    sides: Vec<OneOfPair>,
}

#[derive(Serialize)]
struct OneOfPair {
    name: String,
    index: u32,
    shares: Vec<Share>,
    net: String,
    side: &'static str,
}

#[derive(Serialize)]
struct Cell {
    net: String,
    total: String,
    side: &'static str,
    few: bool,
    empty: bool,
}

#[derive(Serialize)]
struct NamedCells {
    name: String,
    cells: Vec<Cell>,
}

/// Makes the page.
///
/// # Errors
///
/// If the template or the rows cannot be rendered, which is a defect of this crate.
pub fn render(rows: &Rows, summary: &Summary, words: &Words, options: &PageOptions) -> Result<String> {
    let names: Vec<&str> = summary.top.iter().map(|actor| actor.name.as_str()).collect();
    let actors: Vec<Actor> = summary.top.iter().map(|actor| self::actor(rows, words, actor)).collect();
    let bars = charts::bars(summary.top.iter().map(|actor| (actor.name.as_str(), actor.index, actor.tally)));
    let by_source = summary.by_source.as_ref().filter(|_| !rows.is_empty()).map(|by_source| {
        let sources: Vec<String> = by_source.names.iter().map(|name| named(name)).collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let heat = charts::heat(&names, &sources, &by_source.tallies, "in", true);
        context! { heat => serde(heat), columns => serde(&sources), rows => serde(table(&names, &by_source.tallies)) }
    });
    let by_time = summary.by_time.as_ref().map(|by_time| {
        let bins: Vec<String> = (0..by_time.bins.count()).map(|bin| by_time.bins.name(bin)).collect();
        let mut panels = vec![charts::panel("All actors", None, &by_time.all, &bins)];
        for (actor, tallies) in summary.top.iter().zip(&by_time.tallies).take(PANELS) {
            panels.push(charts::panel(&actor.name, Some(actor.index), tallies, &bins));
        }
        context! {
            frame => serde(charts::frame(&bins)),
            panels => serde(panels),
            width => serde(by_time.bins.width),
            columns => serde(&bins),
            rows => serde(table(&names, &by_time.tallies)),
        }
    });
    // A matrix of one actor, or of actors that never meet, shows nothing.
    let meet = summary.together.iter().flatten().any(|tally| tally.total() > 0);
    let together = meet.then(|| charts::heat(&names, &names, &summary.together, "beside", false));
    let pairs: Vec<Together> = summary.pairs.iter().map(pair).collect();
    let title = options.title.clone().unwrap_or_else(|| format!("Stance toward actors in {}", rows.name));
    let policy = format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT.as_bytes())));

    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("charts.html", CHARTS)?;
    environment.add_template("report.html", PAGE)?;
    let page = environment.get_template("report.html")?.render(context! {
        title,
        file => &rows.name,
        version => env!("CARGO_PKG_VERSION"),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        script_policy => Value::from_safe_string(policy),
        data => Value::from_safe_string(embed::json(rows)?),
        totals => context! {
            rows => thousands(summary.all.total()),
            sentences => thousands(summary.sentences as u64),
            records => summary.records.map(|records| thousands(records as u64)),
            actors => thousands(summary.actors as u64),
            sources => summary.sources.map(|sources| thousands(sources as u64)),
            first => summary.days.map(|(first, _)| first.iso()),
            last => summary.days.map(|(_, last)| last.iso()),
            unlabelled => (rows.unlabelled > 0).then(|| thousands(rows.unlabelled)),
            undated => summary.undated.filter(|&undated| undated > 0).map(thousands),
            net => signed(summary.all.net()),
            side => charts::side(summary.all.net()),
        },
        empty => rows.is_empty(),
        all => serde(shares(&summary.all)),
        shown => actors.len(),
        more => summary.actors > actors.len(),
        few => charts::FEW,
        words => !words.is_empty(),
        actors => serde(actors),
        bars => serde(bars),
        by_source,
        by_time,
        together => together.map(serde),
        together_rows => serde(table(&names, &summary.together)),
        names => serde(&names),
        pairs => serde(pairs),
        has_source => rows.roles.source.is_some(),
        has_date => rows.days.iter().any(Option::is_some),
    })?;
    Ok(page)
}

fn serde<T: Serialize>(value: T) -> Value {
    Value::from(Serde(value))
}

/// An empty cell has no name to show.
fn named(name: &str) -> String {
    if name.trim().is_empty() { "(none)".to_owned() } else { name.to_owned() }
}

fn shares(tally: &Tally) -> Vec<Share> {
    let share = |label: Label| {
        let [low, high] = tally.interval(label);
        Share {
            label: label.name(),
            count: thousands(tally.counts[label.index()]),
            percent: percent(tally.share(label)),
            width: (tally.share(label) * 10_000.0).round() / 100.0,
            low: format!("{:.0}", low * 100.0),
            high: format!("{:.0}", high * 100.0),
        }
    };
    Label::ALL.map(share).into_iter().collect()
}

fn actor(rows: &Rows, words: &Words, actor: &super::summary::ActorSummary) -> Actor {
    let quotes = [Label::Supportive, Label::Critical].into_iter().zip(&actor.extremes).map(|(label, extremes)| {
        Quotes { label: label.name(), quotes: extremes.iter().map(|&row| quote(rows, words, row, label)).collect() }
    });
    Actor {
        name: actor.name.clone(),
        index: actor.index,
        total: thousands(actor.tally.total()),
        labels: shares(&actor.tally),
        net: signed(actor.tally.net()),
        side: charts::side(actor.tally.net()),
        quotes: quotes.collect(),
    }
}

fn quote(rows: &Rows, words: &Words, row: usize, label: Label) -> Quote {
    let sentence = rows.sentence(row);
    let mut marks: Vec<(std::ops::Range<usize>, &'static str, String)> =
        words.row(row).iter().map(|(bytes, adds)| (bytes.clone(), "word", format!("{adds:+.2}"))).collect();
    marks.extend(rows.mention(row).map(|mention| (mention, "mention", String::new())));
    marks.sort_by_key(|(bytes, _, _)| bytes.start);
    let mut pieces = Vec::new();
    let mut done = 0;
    let plain = |text: &str| Piece { text: text.to_owned(), kind: "", adds: String::new() };
    for (bytes, kind, adds) in marks {
        // Marks that overlap, or do not fall between characters, are left out.
        let Some(text) = sentence.get(bytes.clone()).filter(|_| bytes.start >= done) else { continue };
        if bytes.start > done {
            pieces.push(plain(&sentence[done..bytes.start]));
        }
        pieces.push(Piece { text: text.to_owned(), kind, adds });
        done = bytes.end;
    }
    if done < sentence.len() {
        pieces.push(plain(&sentence[done..]));
    }
    Quote {
        pieces,
        percent: percent(f64::from(rows.probabilities[row][label.index()])),
        source: rows.source(row).filter(|source| !source.trim().is_empty()).map(str::to_owned),
        day: rows.day(row).map(super::day::Day::iso),
    }
}

fn pair(pair: &Pair) -> Together {
    let side = |at: usize| OneOfPair {
        name: pair.names[at].clone(),
        index: pair.indices[at],
        shares: shares(&pair.tallies[at]),
        net: signed(pair.tallies[at].net()),
        side: charts::side(pair.tallies[at].net()),
    };
    Together { sentences: thousands(pair.sentences), sides: vec![side(0), side(1)] }
}

fn table(names: &[&str], tallies: &[Vec<Tally>]) -> Vec<NamedCells> {
    let cell = |tally: &Tally| Cell {
        net: signed(tally.net()),
        total: thousands(tally.total()),
        side: charts::side(tally.net()),
        few: tally.total() < charts::FEW,
        empty: tally.total() == 0,
    };
    names
        .iter()
        .zip(tallies)
        .map(|(name, tallies)| NamedCells { name: (*name).to_owned(), cells: tallies.iter().map(cell).collect() })
        .collect()
}
