//! The order of tones around the target: the sentence as a line of signs, in which `halted the repression` is a turn and
//! something bad, and `lost all trust in Xi` a turn, something good and the target.
//!
//! What a word says depends on what governs it: a refusal of something bad is good (Polanyi & Zaenen 2006 on valence shifters;
//! Moilanen & Pulman, RANLP 2007, on composition). Which orders say what is learned, not written down: a run of signs is a
//! feature as a run of words is, but of a short alphabet, so that it holds for words that were never seen together.

use super::choice::Choice;
use super::classes::{Class, Classes};
use super::hash::{self, Prefix, Text};
use super::lexicon::{Code, Lexicon, PartOfSpeech};
use super::shape;
use super::sink::Sink;
use super::view::{Item, Mask, Reading, View};

/// What names of runs begin with: of what predicates say of their slots, and of their tones alone.
const SLOTS: Prefix = Prefix::new("slots:");
const TONES: Prefix = Prefix::new("tones:");

/// How many signs before and after the target a run has: of slots, and of tones, which tell less each and so are longer.
const SLOT_RUNS: [(usize, usize); 7] = [(0, 1), (0, 2), (1, 0), (2, 0), (1, 1), (1, 2), (2, 1)];
const TONE_RUNS: [(usize, usize); 7] = [(0, 2), (0, 3), (2, 0), (3, 0), (1, 2), (2, 1), (2, 2)];

/// The most signs of a run on a side.
const MOST: usize = 3;

/// The words of the line. A verb says of its subject and object `-` nothing, `s`, `n` or `c`; `p` is one in the passive; nouns,
/// adjectives and adverbs say what they say on the whole. From `is` on come what links a predicate with the target (`qua` is *as*), and
/// words without a sign: they are of paths alone.
const ALPHABET: [&str; 85] = [
    "", "T", "T2", "A", "|", "not", "but", "more", "than", "only", "+", "-", "turn", "turn+", "turn-", "if", "say",
    "by", "of", "for", "to", "against", "who", "and", "'s", "n-", "ns", "nn", "nc", "a-", "as", "an", "ac", "r-", "rs",
    "rn", "rc", "v--", "v-s", "v-n", "v-c", "vs-", "vss", "vsn", "vsc", "vn-", "vns", "vnn", "vnc", "vc-", "vcs",
    "vcn", "vcc", "p--", "p-s", "p-n", "p-c", "ps-", "pss", "psn", "psc", "pn-", "pns", "pnn", "pnc", "pc-", "pcs",
    "pcn", "pcc", "is", "has", "from", "at", "on", "with", "in", "about", "into", "over", "under", "behind", "toward",
    "between", "qua", "_",
];

const HASHES: [u64; ALPHABET.len()] = hash::of_constants(ALPHABET);

/// A word of the alphabet, by its place there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sign(u8);

impl Sign {
    /// The sign that is written so.
    const fn of(text: &str) -> Sign {
        Sign(hash::place_of(text, &HASHES) as u8)
    }

    /// The sign some places further on in the alphabet.
    fn and(self, further: usize) -> Sign {
        Sign(self.0 + further as u8)
    }

    /// Whether it matters to tones. Those that do are the alphabet's first.
    fn is_tone(self) -> bool {
        self.0 <= TURN_BAD.0
    }

    /// Whether it turns what it governs.
    pub(super) fn turns(self) -> bool {
        (TURN.0..=TURN_BAD.0).contains(&self.0)
    }

    /// Whether it only links what says something with the target: of paths, not of runs.
    fn is_link(self) -> bool {
        self.0 >= LINK.0
    }

    /// Whether it is a predicate's.
    pub(super) fn is_of_predicate(self) -> bool {
        self.turns() || (NOUN.0..LINK.0).contains(&self.0)
    }

    /// Whether it is of a predicate that says something of a slot, or turns.
    pub(super) fn says(self) -> bool {
        self.is_of_predicate() && ![NOUN, ADJECTIVE, ADVERB, ACTIVE, PASSIVE].contains(&self)
    }

    /// Its place in the lists of choices, which begin with another mention of the target's actor; a tone's alone.
    fn choice(self) -> Option<usize> {
        self.0.checked_sub(AGAIN.0).map(usize::from)
    }

    /// As it stands in names.
    fn text(self) -> &'static str {
        ALPHABET[usize::from(self.0)]
    }

    pub(super) fn hash(self) -> u64 {
        HASHES[usize::from(self.0)]
    }
}

pub(super) const NONE: Sign = Sign::of("");
pub(super) const TARGET: Sign = Sign::of("T");
const AGAIN: Sign = Sign::of("T2");
const ACTOR: Sign = Sign::of("A");
const BOUNDARY: Sign = Sign::of("|");
pub(super) const NOT: Sign = Sign::of("not");
const HEDGE: Sign = Sign::of("if");
const SPEECH: Sign = Sign::of("say");
const GOOD: Sign = Sign::of("+");
const BAD: Sign = Sign::of("-");
const TURN: Sign = Sign::of("turn");
const TURN_GOOD: Sign = Sign::of("turn+");
const TURN_BAD: Sign = Sign::of("turn-");
const NOUN: Sign = Sign::of("n-");
const ADJECTIVE: Sign = Sign::of("a-");
const ADVERB: Sign = Sign::of("r-");
const ACTIVE: Sign = Sign::of("v--");
const PASSIVE: Sign = Sign::of("p--");
/// The first of the links.
const LINK: Sign = Sign::of("is");
/// Words that have no sign, between others.
pub(super) const WORDS: Sign = Sign::of("_");

/// The sign of a word by itself, [`NONE`] if it has none: of words that negate, weaken, report, part, compare or join.
pub(super) fn of_word(word: &str, classes: Classes) -> Sign {
    if classes.has(Class::Negation) {
        return NOT;
    }
    if classes.has(Class::Hedge) {
        return HEDGE;
    }
    if classes.has(Class::Speech) {
        return SPEECH;
    }
    match word {
        "but" | "although" | "though" | "while" | "whereas" | "yet" | "however" => Sign::of("but"),
        "more" | "most" => Sign::of("more"),
        "who" | "which" | "that" | "whom" => Sign::of("who"),
        "and" | "or" => Sign::of("and"),
        "have" | "has" | "had" | "having" => Sign::of("has"),
        "towards" => Sign::of("toward"),
        "as" => Sign::of("qua"),
        "from" | "at" | "on" | "with" | "in" | "about" | "into" | "over" | "under" | "behind" | "toward"
        | "between" => Sign::of(word),
        _ if classes.has(Class::Be) => LINK,
        "than" | "only" | "by" | "of" | "for" | "to" | "against" | "'s" => Sign::of(word),
        _ => NONE,
    }
}

/// What an item adds to the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    pub item: usize,
    /// The item after it, or after its first word where it has a gap. A boundary stands for the word after it, too.
    pub end: usize,
    /// What it says of its slots.
    pub slots: Sign,
    /// What it says on the whole; [`NONE`] if that does not matter to tones.
    pub whole: Sign,
}

impl Tone {
    /// The sign of an item that is the same in both runs.
    fn same(item: usize, sign: Sign) -> Tone {
        Tone { item, end: item + 1, slots: sign, whole: sign }
    }

    /// As it is for a mention: the target and its other mentions are no other actor.
    #[inline]
    pub(super) fn seen(self, items: &[Item]) -> Tone {
        if self.slots != ACTOR {
            return self;
        }
        match items[self.item].mask {
            Mask::Target => Tone::same(self.item, TARGET),
            Mask::Again => Tone::same(self.item, AGAIN),
            _ => self,
        }
    }
}

/// The signs of a sentence as one sees it who is not in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// In order.
    pub tones: Vec<Tone>,
    /// How many are good, whether one turns, how many are bad: their places in the lists of [`Choice::Mix`].
    pub mix: [usize; 3],
}

pub(super) fn read(reading: &Reading, Line { tones: line, mix }: &mut Line) {
    line.clear();
    let lexicon = Lexicon::embedded();
    let items = reading.items();
    let mut predicates = reading.predicates.iter().peekable();
    // What is part of a predicate: all up to an item, and what stands behind a gap.
    let (mut covered, mut behind) = (0, 0..0);
    for (at, item) in items.iter().enumerate() {
        if at > 0 && item.clause != items[at - 1].clause {
            line.push(Tone::same(at, BOUNDARY));
        }
        let mut found: Option<Tone> = None;
        while let Some(predicate) = predicates.next_if(|predicate| reading.item_of(predicate.start) <= at) {
            let next = reading.item_of(predicate.gap.start - 1) + 1;
            covered = covered.max(next);
            if !predicate.gap.is_empty() {
                behind = reading.item_of(predicate.gap.end)..reading.item_of(predicate.end - 1) + 1;
            }
            let Signs { active, passive, whole } = lexicon.entry(predicate.entry).signs;
            // Of several readings the first with a tone, and before it one that turns.
            if found.is_none_or(|before| before.whole == NONE || whole.turns() && !before.whole.turns()) {
                found =
                    Some(Tone { item: at, end: next, slots: if predicate.passive { passive } else { active }, whole });
            }
        }
        if item.mask != Mask::Plain {
            line.push(Tone::same(at, ACTOR));
        } else if let Some(found) = found {
            line.push(found);
        } else if at >= covered && !behind.contains(&at) {
            let sign = reading.word(item.tokens.start).sign;
            if sign != NONE {
                let whole = if sign.is_tone() { sign } else { NONE };
                line.push(Tone { whole, ..Tone::same(at, sign) });
            }
        }
    }
    let count = |signs: &[Sign]| line.iter().filter(|tone| signs.contains(&tone.whole)).count();
    let turns = line.iter().any(|tone| tone.whole == NOT || tone.whole.turns());
    *mix = [count(&[GOOD, TURN_GOOD]).min(2), turns.into(), count(&[BAD, TURN_BAD]).min(2)];
}

/// The signs of a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    active: Sign,
    passive: Sign,
    whole: Sign,
}

impl Signs {
    pub fn of(
        pos: PartOfSpeech,
        subject: Option<Code>,
        object: Option<Code>,
        tone: Option<Code>,
        turns: bool,
    ) -> Signs {
        let place = |code: Option<Code>| code.map_or(0, |code| 1 + code as usize);
        let whole = match (turns, tone) {
            (true, Some(Code::Supportive)) => TURN_GOOD,
            (true, Some(Code::Critical)) => TURN_BAD,
            (true, _) => TURN,
            (false, Some(Code::Supportive)) => GOOD,
            (false, Some(Code::Critical)) => BAD,
            (false, _) => NONE,
        };
        let verb = 4 * place(subject) + place(object);
        let either = |first: Sign| (first.and(place(tone)), first.and(place(tone)));
        let (active, passive) = match pos {
            _ if turns => (whole, whole),
            PartOfSpeech::Verb => (ACTIVE.and(verb), PASSIVE.and(verb)),
            PartOfSpeech::Noun => either(NOUN),
            PartOfSpeech::Adjective => either(ADJECTIVE),
            PartOfSpeech::Adverb => either(ADVERB),
        };
        Signs { active, passive, whole }
    }
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let line = view.tones();
    let Some(target) = target_in(view) else { return };
    runs(view, sink, SLOTS, &SLOT_RUNS, target, |tone| tone.slots);
    runs(view, sink, TONES, &TONE_RUNS, target, |tone| tone.whole);
    // How much is said at all, and in how many words.
    let [good, turns, bad] = view.mix();
    let picks = [good, turns, bad, shape::length(view)];
    sink.choice(Choice::Mix, &picks, view.items()[view.target()].tokens.clone());
    sides(view, sink, Choice::TonesLeft, Choice::ThreeLeft, &line[..target]);
    sides(view, sink, Choice::TonesRight, Choice::ThreeRight, &line[target + 1..]);
}

/// The place of the target in the line.
pub(super) fn target_in(view: &View<'_>) -> Option<usize> {
    let line = view.tones();
    let first = line.partition_point(|tone| tone.item < view.target());
    // A boundary may stand before it.
    (first..line.len()).find(|&at| line[at].slots == ACTOR)
}

/// Signs as they stand in names.
pub(super) fn written(signs: &[Sign]) -> String {
    signs.iter().map(|sign| sign.text()).collect::<Vec<_>>().join(" ")
}

/// Runs of signs with the target among them.
fn runs<S: Sink + ?Sized>(
    view: &View<'_>,
    sink: &mut S,
    prefix: Prefix,
    runs: &[(usize, usize)],
    target: usize,
    sign: impl Fn(Tone) -> Sign,
) {
    let (items, line) = (view.items(), view.tones());
    let seen =
        |tone: &Tone| Some((sign(tone.seen(items)), tone.item)).filter(|&(sign, _)| sign != NONE && !sign.is_link());
    // The target in the middle.
    let mut signs = [TARGET; 2 * MOST + 1];
    let mut places = [view.target(); 2 * MOST + 1];
    let (mut first, mut last) = (MOST, MOST);
    for found in line[..target].iter().rev().filter_map(seen).take(MOST) {
        first -= 1;
        (signs[first], places[first]) = found;
    }
    for found in line[target + 1..].iter().filter_map(seen).take(MOST) {
        last += 1;
        (signs[last], places[last]) = found;
    }
    // The signs from the first on up to each, from which every run's hash follows.
    let mut texts = [Text::default(); 2 * MOST + 2];
    for at in first..=last {
        texts[at + 1] = texts[at].then(signs[at].hash());
    }
    for &(before, after) in runs {
        let (start, end) = (MOST - before, MOST + after);
        if first <= start && end <= last {
            let text = texts[end + 1].without(texts[start], end + 1 - start);
            sink.hashed(prefix, text, &|| (written(&signs[start..=end]), view.tokens(places[start]..places[end] + 1)));
        }
    }
}

/// Two and three neighbouring tones. There are few of them, so that they are choices.
fn sides<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S, two: Choice, three: Choice, side: &[Tone]) {
    let mut before = [None::<(usize, usize)>; 2];
    for tone in side {
        let tone = tone.seen(view.items());
        let Some(here) = tone.whole.choice() else { continue };
        if let [further, Some((last, start))] = before {
            sink.choice(two, &[last, here], view.tokens(start..tone.item + 1));
            if let Some((first, start)) = further {
                sink.choice(three, &[first, last, here], view.tokens(start..tone.item + 1));
            }
        }
        before = [before[1], Some((here, tone.item))];
    }
}

#[cfg(test)]
mod tests {
    use super::{AGAIN, Sign, TURN_BAD};
    use crate::features::choice;
    use crate::features::sink::tests::names_for_xi;

    #[test]
    fn choices_are_of_the_alphabet() {
        let tones: Vec<&str> = (AGAIN.0..=TURN_BAD.0).map(|at| Sign(at).text()).collect();
        assert_eq!(tones, choice::TONES);
    }

    #[test]
    fn what_governs_stands_before_what_it_turns() {
        for (sentence, expected) in [
            ("only Xi halted the repression", "tones:only T turn -"),
            ("they no longer have doubts about Xi", "tones:turn - T"),
            ("Putin ended the torture of Xi", "tones:A turn - T"),
            ("Putin praised Xi but not the war", "tones:T | but not"),
            ("Xi accused Putin of lies", "slots:T vnc A"),
            ("Xi lost, and halted the progress", "tones right:| turn +"),
        ] {
            let found = names_for_xi("tones", sentence);
            assert!(found.iter().any(|name| name == expected), "{sentence}: {expected} not in {found:?}");
        }
    }
}
