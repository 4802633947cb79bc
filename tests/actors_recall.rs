//! How many of the corpus's marked names the catalogue finds; run with `--ignored --nocapture` to print it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toward::actors::{Catalogue, Finder};

/// A line of the corpus without its marks, and where they were.
fn unmarked(line: &str) -> (String, Vec<Range<usize>>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('[') {
        text.push_str(before);
        let (mark, after) = marked.split_once(']').unwrap_or((marked, ""));
        let start = text.len();
        text.push_str(mark.split_once(' ').map_or(mark, |(_, mention)| mention));
        marks.push(start..text.len());
        rest = after;
    }
    text.push_str(rest);
    (text, marks)
}

/// Whether a marked mention is a name: every word but small ones is capitalised, articles and possessives apart.
fn is_name(mention: &str) -> bool {
    let lower = mention.to_lowercase();
    let article =
        ["the ", "a ", "an ", "its ", "his ", "her ", "their ", "our "].iter().find(|a| lower.starts_with(**a));
    let body = &mention[article.map_or(0, |article| article.len())..];
    let small = ["of", "the", "and", "de", "for", "in", "on", "bin", "van", "von"];
    !small.iter().any(|word| body.split(' ').next() == Some(word))
        && body.split_whitespace().all(|word| {
            small.contains(&word)
                || word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '&')
                || word.starts_with("al-")
                || word.starts_with("el-")
        })
}

#[test]
#[ignore = "prints the recall that models/ACTORS.md states"]
fn recall_on_the_marked_names_of_the_held_out_fold() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/corpus");
    let mut files: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let catalogue = Catalogue::embedded();
    let finder = Finder::new(&catalogue);
    let (mut found_by_kind, mut missed) = (BTreeMap::<&str, u32>::new(), Vec::new());
    for file in files {
        let lines = std::fs::read_to_string(file).unwrap();
        for line in lines.lines().skip(2).step_by(5) {
            let (text, marks) = unmarked(line);
            let found = finder.find(&text, None);
            for mark in marks.into_iter().filter(|mark| is_name(&text[mark.clone()])) {
                match found.iter().find(|found| found.start < mark.end && mark.start < found.end) {
                    Some(found) => *found_by_kind.entry(catalogue.actor(found.actor).kind.name()).or_default() += 1,
                    None => missed.push(format!("{} | {text}", &text[mark])),
                }
            }
        }
    }
    let found: u32 = found_by_kind.values().sum();
    println!("{found} found of {} named marks: {found_by_kind:?}", found as usize + missed.len());
    for miss in &missed {
        println!("missed: {miss}");
    }
    assert!(f64::from(found) >= 0.85 * (f64::from(found) + missed.len() as f64));
}
