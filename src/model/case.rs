//! A mention in its sentence, beside the other mentions: what is labelled, and what is left of it without some words.
//!
//! What a word contributes to a label that is no sum is asked by leaving the word out and labelling again (occlusion:
//! Zeiler & Fergus 2014; for text, Li, Monroe & Jurafsky 2016).

use std::ops::Range;

use crate::text::{Analysis, Kind};

/// A mention that can be labelled by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The sentence.
    pub sentence: String,
    /// The mention's bytes.
    pub mention: Range<usize>,
    /// The other mentions: bytes, and a number that mentions of one actor share; 0 is the mention's own actor.
    pub others: Vec<(Range<usize>, usize)>,
}

impl Case {
    /// The mention and the others, as [`Reading::read`](crate::features::Reading::read) takes them.
    pub fn mentions(&self) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
        std::iter::once((self.mention.clone(), 0)).chain(self.others.iter().cloned())
    }

    /// What can be left out: each word and number by itself, and every other mention as a whole; never the mention.
    pub fn units(&self) -> Vec<Range<usize>> {
        let mut analysis = Analysis::default();
        analysis.read(&self.sentence);
        let mut units: Vec<Range<usize>> = self.others.iter().map(|(bytes, _)| bytes.clone()).collect();
        for token in analysis.tokens() {
            let bytes = token.start as usize..token.end as usize;
            let taken = self.mentions().any(|(other, _)| other.start < bytes.end && bytes.start < other.end);
            if matches!(token.kind, Kind::Word | Kind::Number) && !taken {
                units.push(bytes);
            }
        }
        units.sort_by_key(|unit| unit.start);
        units
    }

    /// The case without these units, which come in order, and without the spaces before them.
    pub fn without(&self, units: &[Range<usize>]) -> Case {
        let bytes = self.sentence.as_bytes();
        let mut gone: Vec<Range<usize>> = Vec::with_capacity(units.len());
        for unit in units {
            let mut cut = unit.clone();
            let free = gone.last().map_or(0, |last| last.end);
            if cut.start > free && bytes[cut.start - 1] == b' ' {
                cut.start -= 1;
            } else if bytes.get(cut.end) == Some(&b' ') {
                cut.end += 1;
            }
            gone.push(cut);
        }
        let mut sentence = String::with_capacity(self.sentence.len());
        let mut copied = 0;
        for cut in &gone {
            sentence.push_str(&self.sentence[copied..cut.start]);
            copied = cut.end;
        }
        sentence.push_str(&self.sentence[copied..]);
        let moved = |at: usize| {
            let before = gone.iter().take_while(|cut| cut.end <= at);
            at - before.map(Range::len).sum::<usize>()
        };
        let stays = |other: &Range<usize>| !units.iter().any(|unit| unit.start < other.end && other.start < unit.end);
        let others = self.others.iter().filter(|(other, _)| stays(other));
        Case {
            sentence,
            mention: moved(self.mention.start)..moved(self.mention.end),
            others: others.map(|(other, actor)| (moved(other.start)..moved(other.end), *actor)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn words_and_whole_mentions_are_left_out_and_offsets_move() {
        let sentence = "Xi Jinping, who hailed Zoë, did not accuse U.S. firms.".to_owned();
        let at = |text: &str| sentence.find(text).map(|start| start..start + text.len()).unwrap();
        let case = Case {
            mention: at("U.S."),
            others: vec![(at("Xi Jinping"), 1), (at("Zoë"), 2)],
            sentence: sentence.clone(),
        };
        let units = case.units();
        let texts: Vec<&str> = units.iter().map(|unit| &sentence[unit.clone()]).collect();
        assert_eq!(texts, ["Xi Jinping", "who", "hailed", "Zoë", "did", "not", "accuse", "firms"]);
        let left = case.without(&[units[0].clone(), units[1].clone(), units[3].clone(), units[7].clone()]);
        assert_eq!(left.sentence, ", hailed, did not accuse U.S..");
        assert_eq!(&left.sentence[left.mention.clone()], "U.S.");
        assert_eq!(left.others, []);
        let left = case.without(&[units[2].clone()]);
        assert_eq!(left.sentence, "Xi Jinping, who Zoë, did not accuse U.S. firms.");
        let names: Vec<&str> = left.others.iter().map(|(bytes, _)| &left.sentence[bytes.clone()]).collect();
        assert_eq!(names, ["Xi Jinping", "Zoë"]);
        assert_eq!(case.without(&[]), case);
    }

    #[test]
    fn the_first_words_go_with_the_spaces_behind_them() {
        let case = Case { sentence: "Old allies left Peru.".to_owned(), mention: 16..20, others: Vec::new() };
        let units = case.units();
        let left = case.without(&units[..2]);
        assert_eq!((left.sentence.as_str(), &left.sentence[left.mention.clone()]), ("left Peru.", "Peru"));
    }
}
