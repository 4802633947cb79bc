//! What the rows add up to: by actor, by source, by time, and who is mentioned together with whom.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::day::{Bins, Day};
use super::rows::Rows;
use super::tally::Tally;
use crate::Label;

/// How many sources a chart shows.
const SOURCES: usize = 12;
/// How many pairs of actors a table shows.
const PAIRS: usize = 40;
/// How many sentences are quoted for an actor and label.
const QUOTED: usize = 3;

/// What the rows add up to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// All rows.
    pub all: Tally,
    /// How many different sentences there are.
    pub sentences: usize,
    /// How many records of the input they are of, where that is known.
    pub records: Option<usize>,
    /// How many different actors there are.
    pub actors: usize,
    /// How many different sources there are, where there is such a column.
    pub sources: Option<usize>,
    /// The first and the last day.
    pub days: Option<(Day, Day)>,
    /// How many rows have no day that can be read, where there is such a column.
    pub undated: Option<u64>,
    /// The most mentioned actors.
    pub top: Vec<ActorSummary>,
    /// The most frequent sources, and for every top actor the rows with that source.
    pub by_source: Option<BySource>,
    /// Bins of time, and for every top actor the rows in each.
    pub by_time: Option<ByTime>,
    /// For every two top actors, the rows on the first in sentences that also mention the second.
    pub together: Vec<Vec<Tally>>,
    /// The pairs of actors that most sentences mention.
    pub pairs: Vec<Pair>,
}

/// An actor.
#[derive(Clone, Debug)]
pub struct ActorSummary {
    /// The index of its name among the texts of its column.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its rows.
    pub tally: Tally,
    /// The rows that are the most surely supportive, and the most surely critical.
    pub extremes: [Vec<usize>; 2],
}

/// Rows by source.
#[derive(Clone, Debug)]
pub struct BySource {
    /// The most frequent sources.
    pub names: Vec<String>,
    /// For every top actor, its rows of each of them.
    pub tallies: Vec<Vec<Tally>>,
}

/// Rows by time.
#[derive(Clone, Debug)]
pub struct ByTime {
    /// The bins.
    pub bins: Bins,
    /// All rows in each bin.
    pub all: Vec<Tally>,
    /// For every top actor, its rows in each bin.
    pub tallies: Vec<Vec<Tally>>,
}

/// Two actors that sentences mention together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Their names.
    pub names: [String; 2],
    /// The indices of their names.
    pub indices: [u32; 2],
    /// How many sentences mention both.
    pub sentences: u64,
    /// The rows on each of them in those sentences.
    pub tallies: [Tally; 2],
}

impl Summary {
    /// Adds up rows, with details of the `top` most mentioned actors.
    pub fn of(rows: &Rows, top: usize) -> Summary {
        let actor_of = &rows.columns[rows.roles.actor];
        let mut all = Tally::default();
        let mut by_actor = vec![Tally::default(); actor_of.texts.len()];
        for (row, &label) in rows.labels.iter().enumerate() {
            all.add(label);
            by_actor[actor_of.cells[row] as usize].add(label);
        }
        let chosen = most(&by_actor, top, |index| &actor_of.texts[index]);
        let mut place = vec![None; by_actor.len()];
        for (at, &index) in chosen.iter().enumerate() {
            place[index] = Some(at);
        }
        let extremes = extremes(rows, &place, chosen.len());
        let tops = chosen.iter().zip(extremes).map(|(&index, extremes)| ActorSummary {
            index: index as u32,
            name: actor_of.texts[index].clone(),
            tally: by_actor[index],
            extremes,
        });
        let top = tops.collect();
        let of_actor = |row: usize| place[actor_of.cells[row] as usize];
        let dated = || (0..rows.len()).filter_map(|row| rows.day(row));
        let days = dated().min_by_key(|day| day.number()).zip(dated().max_by_key(|day| day.number()));
        let groups = sentence_groups(rows);
        let (together, pairs) = together(rows, &groups, &place, chosen.len());
        Summary {
            all,
            sentences: rows.columns[rows.roles.sentence].texts.len(),
            records: rows.roles.row.map(|column| rows.columns[column].texts.len()),
            actors: by_actor.len(),
            sources: rows.roles.source.map(|column| rows.columns[column].texts.len()),
            days,
            undated: rows.roles.date.map(|_| (rows.len() - dated().count()) as u64),
            top,
            by_source: by_source(rows, of_actor, chosen.len()),
            by_time: by_time(rows, of_actor, chosen.len()),
            together,
            pairs,
        }
    }
}

/// The indices of the largest tallies; ties go by name.
fn most<'t>(tallies: &[Tally], count: usize, name: impl Fn(usize) -> &'t String) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tallies.len()).collect();
    order.sort_by(|&a, &b| tallies[b].total().cmp(&tallies[a].total()).then_with(|| name(a).cmp(name(b))));
    order.truncate(count);
    order
}

fn by_source(rows: &Rows, of_actor: impl Fn(usize) -> Option<usize>, actors: usize) -> Option<BySource> {
    let column = &rows.columns[rows.roles.source?];
    let mut totals = vec![Tally::default(); column.texts.len()];
    for (row, &label) in rows.labels.iter().enumerate() {
        totals[column.cells[row] as usize].add(label);
    }
    let chosen = most(&totals, SOURCES, |index| &column.texts[index]);
    let mut place = vec![None; totals.len()];
    for (at, &index) in chosen.iter().enumerate() {
        place[index] = Some(at);
    }
    let mut tallies = vec![vec![Tally::default(); chosen.len()]; actors];
    for (row, &label) in rows.labels.iter().enumerate() {
        if let (Some(actor), Some(source)) = (of_actor(row), place[column.cells[row] as usize]) {
            tallies[actor][source].add(label);
        }
    }
    let names = chosen.into_iter().map(|index| column.texts[index].clone()).collect();
    Some(BySource { names, tallies }).filter(|by_source| !by_source.names.is_empty())
}

fn by_time(rows: &Rows, of_actor: impl Fn(usize) -> Option<usize>, actors: usize) -> Option<ByTime> {
    let column = &rows.columns[rows.roles.date?];
    let bins = Bins::over(&rows.days.iter().filter_map(|day| *day))?;
    let of_text: Vec<Option<usize>> = rows.days.iter().map(|day| day.map(|day| bins.of(day))).collect();
    let mut all = vec![Tally::default(); bins.count()];
    let mut tallies = vec![vec![Tally::default(); bins.count()]; actors];
    for (row, &label) in rows.labels.iter().enumerate() {
        let Some(bin) = of_text[column.cells[row] as usize] else { continue };
        all[bin].add(label);
        if let Some(actor) = of_actor(row) {
            tallies[actor][bin].add(label);
        }
    }
    Some(ByTime { bins, all, tallies })
}

/// For every top actor the rows with the highest probability of support and of criticism, no sentence twice.
fn extremes(rows: &Rows, place: &[Option<usize>], actors: usize) -> Vec<[Vec<usize>; 2]> {
    let actor_of = &rows.columns[rows.roles.actor];
    let sentence_of = &rows.columns[rows.roles.sentence];
    let mut candidates = vec![[const { Vec::new() }; 2]; actors];
    for (row, &label) in rows.labels.iter().enumerate() {
        if let (Some(actor), side) = (place[actor_of.cells[row] as usize], label.index()) {
            match label {
                Label::Supportive => candidates[actor][0].push((rows.probabilities[row][side], row)),
                Label::Critical => candidates[actor][1].push((rows.probabilities[row][side], row)),
                Label::Neutral => {}
            }
        }
    }
    let best = |mut side: Vec<(f32, usize)>| {
        side.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut seen = BTreeSet::new();
        let fresh = side.into_iter().map(|(_, row)| row).filter(|&row| seen.insert(sentence_of.cells[row]));
        fresh.take(QUOTED).collect()
    };
    candidates.into_iter().map(|sides| sides.map(best)).collect()
}

/// The rows of every sentence, in order.
///
/// A sentence is known by its record and its place in it; in a file where every row is a record, by its text.
fn sentence_groups(rows: &Rows) -> Vec<Vec<usize>> {
    let sentence = &rows.columns[rows.roles.sentence];
    let record = rows.roles.row.filter(|_| !rows.roles.row_a_record).map(|column| &rows.columns[column]);
    let index = rows.roles.sentence_index.filter(|_| record.is_some()).map(|column| &rows.columns[column]);
    let mut known: FxHashMap<(u32, u32, u32), usize> = FxHashMap::default();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for row in 0..rows.len() {
        let cell = |column: Option<&super::rows::Column>| column.map_or(0, |column| column.cells[row]);
        let key = (cell(record), cell(index), sentence.cells[row]);
        let group = *known.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(row);
    }
    groups
}

fn together(
    rows: &Rows,
    groups: &[Vec<usize>],
    place: &[Option<usize>],
    actors: usize,
) -> (Vec<Vec<Tally>>, Vec<Pair>) {
    let actor_of = &rows.columns[rows.roles.actor];
    let mut matrix = vec![vec![Tally::default(); actors]; actors];
    // A sorted map, so that ties come in an order that depends on the data alone.
    let mut pairs: BTreeMap<[u32; 2], (u64, [Tally; 2])> = BTreeMap::new();
    for group in groups {
        let present: BTreeSet<u32> = group.iter().map(|&row| actor_of.cells[row]).collect();
        if present.len() < 2 {
            continue;
        }
        let mut here: BTreeMap<u32, Tally> = BTreeMap::new();
        for &row in group {
            here.entry(actor_of.cells[row]).or_default().add(rows.labels[row]);
        }
        for (&one, tally) in &here {
            for (&two, other) in &here {
                if one == two {
                    continue;
                }
                if let (Some(one), Some(two)) = (place[one as usize], place[two as usize]) {
                    merge(&mut matrix[one][two], tally);
                }
                if one < two {
                    let (sentences, tallies) = pairs.entry([one, two]).or_default();
                    *sentences += 1;
                    merge(&mut tallies[0], tally);
                    merge(&mut tallies[1], other);
                }
            }
        }
    }
    let name = |index: u32| &actor_of.texts[index as usize];
    let mut pairs: Vec<Pair> = pairs
        .into_iter()
        .map(|(indices, (sentences, tallies))| Pair {
            names: indices.map(|index| name(index).clone()),
            indices,
            sentences,
            tallies,
        })
        .collect();
    pairs.sort_by(|a, b| b.sentences.cmp(&a.sentences).then_with(|| a.names.cmp(&b.names)));
    pairs.truncate(PAIRS);
    (matrix, pairs)
}

fn merge(sum: &mut Tally, other: &Tally) {
    for (sum, count) in sum.counts.iter_mut().zip(other.counts) {
        *sum += count;
    }
}
