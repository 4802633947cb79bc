//! In which slot of which predicate the target stands: shallow patterns, no parser.
//!
//! For each predicate of the lexicon in reach, one pattern decides the slot: subject, object, object of a
//! preposition, owner, qualified noun. What the lexicon says of that slot becomes a feature of its own, with
//! negation and hedge, and the predicate's lemma in that slot another, so that data may overrule the lexicon.

use std::ops::Range;

use super::choice::Choice;
use super::classes::Class;
use super::hash::{self, Prefix, Text};
use super::lexicon::{Code, Entry, Lexicon, PartOfSpeech, Predicate};
use super::shape;
use super::sink::Sink;
use super::slot::Slot;
use super::view::{Mask, View};
use crate::text::Kind;

/// How many items a predicate may be away from the target.
const REACH: usize = 25;

/// What names of features of one predicate and slot begin with.
const ROLE: Prefix = Prefix::new("role:");

/// Places in the lists of a tone's name: the first of each kind of place, and of the negated tones.
const ANYWHERE: usize = 0;
const BY_SIDE: usize = 1;
const IN_CLAUSE: usize = 3;
const NEGATED: usize = 2;

const NOT: u64 = hash::of_constant("not");

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let lexicon = Lexicon::embedded();
    let target = view.target();
    let mut totals = [0_i32; 2];
    let mut nearest: Option<(usize, Code)> = None;
    for predicate in view.predicates() {
        let first = view.item_of(predicate.start);
        let last = view.item_of(predicate.end - 1);
        let gap = gap(view, predicate);
        let in_gap = gap.contains(&target);
        let inside = first <= target && target <= last && !in_gap;
        if inside || view.items()[first].mask != Mask::Plain {
            continue;
        }
        let tokens = predicate.start..predicate.end;
        let entry = lexicon.entry(predicate.entry);
        let distance = if last < target { target - last } else { target.abs_diff(first) };
        let boundaries = view.boundaries(first, target);

        // Wherever it stands: what the predicate says at all, by side.
        if let Some(code) = entry.tone {
            let tone = usize::from(code == Code::Critical) + if predicate.negated { NEGATED } else { 0 };
            let side = usize::from(last >= target);
            sink.choice(Choice::Tone, &[ANYWHERE, tone], tokens.clone());
            sink.choice(Choice::Tone, &[BY_SIDE + side, tone], tokens.clone());
            if boundaries == 0 {
                sink.choice(Choice::Tone, &[IN_CLAUSE + side, tone], tokens.clone());
            }
        }

        if distance > REACH {
            continue;
        }
        let slot = if in_gap { Some(slot_in_gap(view, &gap)) } else { slot(view, predicate, entry, first, last) };
        let Some(slot) = slot else { continue };
        let code = match slot {
            Slot::SUBJECT => entry.subject,
            // `give praise to Xi`, `give Xi praise`
            Slot::OBJECT if in_gap => {
                entry.object.or_else(|| Lexicon::embedded().complement(predicate.entry, Slot::TO))
            }
            Slot::OBJECT => entry.object,
            preposition => complement(predicate.entry, entry, preposition),
        };
        let near = match (boundaries, distance) {
            (0, ..=2) => 0,
            (0, ..=6) => 1,
            (0, _) => 2,
            _ => 3,
        };
        let not = if predicate.negated { Text::default().then(NOT) } else { Text::default() };
        let text = not.then(slot.hash()).then(lexicon.hash(predicate.entry));
        sink.hashed(ROLE, text, &|| {
            let words = ["not", slot.name(), lexicon.lemma(predicate.entry)];
            (words[usize::from(!predicate.negated)..].join(" "), tokens.clone())
        });
        if let Some(code) = code {
            let picks = [predicate.negated.into(), predicate.hedged.into(), slot.number(), code as usize];
            sink.choice(Choice::SlotCode, &picks, tokens.clone());
            sink.choice(Choice::NearCode, &[predicate.negated.into(), code as usize, near], tokens.clone());
            let code = if predicate.negated { opposite(code) } else { code };
            match code {
                Code::Supportive => totals[0] += 1,
                Code::Critical => totals[1] += 1,
                Code::Neutral => {}
            }
            let weight = distance + 10 * boundaries;
            if code != Code::Neutral && nearest.is_none_or(|(least, _)| weight < least) {
                nearest = Some((weight, code));
            }
        }
    }
    let here = || view.items()[target].tokens.clone();
    let sum = match (totals[0], totals[1]) {
        (0, 0) => 0,
        (_, 0) => 1,
        (0, _) => 2,
        (s, c) if s > c => 3,
        (s, c) if s < c => 4,
        _ => 5,
    };
    // In a short sentence the same says more.
    let length = shape::length(view);
    sink.choice(Choice::Roles, &[sum], here());
    sink.choice(Choice::RolesLength, &[sum, length], here());
    if let Some((_, code)) = nearest {
        sink.choice(Choice::NearestRole, &[code as usize], here());
        sink.choice(Choice::NearestLength, &[code as usize, length], here());
    }
}

fn opposite(code: Code) -> Code {
    match code {
        Code::Supportive => Code::Critical,
        Code::Neutral => Code::Neutral,
        Code::Critical => Code::Supportive,
    }
}

/// What an entry says of the object of a preposition; for a noun without a word on `by` or `from`, that is its owner.
fn complement(number: usize, entry: Entry, preposition: Slot) -> Option<Code> {
    Lexicon::embedded().complement(number, preposition).or(match (entry.pos, preposition) {
        (PartOfSpeech::Noun, Slot::OF | Slot::BY | Slot::FROM) | (PartOfSpeech::Verb, Slot::BY) => entry.subject,
        _ => None,
    })
}

/// The items that stand inside a predicate and are no part of it.
fn gap(view: &View<'_>, predicate: &Predicate) -> Range<usize> {
    let Range { start, end } = predicate.gap;
    if start < end { view.item_of(start)..view.item_of(end - 1) + 1 } else { 0..0 }
}

/// The slot of a target that stands inside a phrase: `won Xi's praise`, or `gave Xi a voice`, `stabbed Xi's men in the back`.
fn slot_in_gap(view: &View<'_>, gap: &Range<usize>) -> Slot {
    let owner = view.target() + 2 == gap.end && view.items()[gap.end - 1].is(Class::Possessive);
    if owner { Slot::OF } else { Slot::OBJECT }
}

/// The slot in which the target stands, if a pattern says so. `first` and `last` are the predicate's items.
fn slot(view: &View<'_>, predicate: &Predicate, entry: Entry, first: usize, last: usize) -> Option<Slot> {
    let target = view.target();
    match entry.pos {
        PartOfSpeech::Verb if target < first => {
            let slot = || if predicate.passive || mutual(view, last) { Slot::OBJECT } else { Slot::SUBJECT };
            before_verb(view, first).then(slot)
        }
        PartOfSpeech::Verb => after_verb(view, predicate, last),
        PartOfSpeech::Noun if target < first => (owns(view, first) || copula(view, first)).then_some(Slot::SUBJECT),
        PartOfSpeech::Adjective if target < first => {
            (copula(view, first) || possesses(view, first)).then_some(Slot::SUBJECT)
        }
        PartOfSpeech::Noun => governed(view, last),
        PartOfSpeech::Adjective => {
            if qualifies(view, last) {
                Some(Slot::SUBJECT)
            } else {
                governed(view, last)
            }
        }
        PartOfSpeech::Adverb => {
            // `in defiance of Xi`, else the subject of the clause.
            let complement = if target > last { governed(view, last) } else { None };
            let complement = complement
                .filter(|&preposition| Lexicon::embedded().complement(predicate.entry, preposition).is_some());
            let subject = || (view.boundaries(target, first) == 0).then_some(Slot::SUBJECT);
            complement.or_else(subject)
        }
    }
}

/// The target is the subject of a verb after it: no closer actor, no preposition before the target in the same
/// clause that makes it somebody else's complement, and no clause begun that has another subject.
fn before_verb(view: &View<'_>, verb: usize) -> bool {
    let target = view.target();
    let is_mark = |at: usize| matches!(view.items()[at].kind, Kind::Comma | Kind::Dash | Kind::Bracket);
    // `Xi, who leads China, accused`: an insertion after the target has two marks and is passed over.
    let start = match (target + 1..verb).find(|&at| is_mark(at)) {
        Some(mark) if mark == target + 1 => (mark + 1..verb).find(|&at| is_mark(at)).map_or(mark, |end| end + 1),
        _ => target + 1,
    };
    let parts = |at: usize| match view.items()[at].mask {
        // `Xi and Putin accused`: coordination shares the verb; any other actor between takes it.
        Mask::Actor | Mask::Again | Mask::Name => !coordinated(view, target, at),
        Mask::Plain | Mask::Target => is_mark(at) || view.items()[at].is(Class::OtherSubject),
    };
    !(start..verb).any(parts) && target.checked_sub(1).is_none_or(|before| !view.items()[before].is(Class::Preposition))
}

/// `accused each other`: who does it has it done.
fn mutual(view: &View<'_>, verb: usize) -> bool {
    verb + 2 < view.items().len()
        && matches!((view.word(verb + 1), view.word(verb + 2)), ("each", "other") | ("one", "another"))
}

/// Opens a clause with a subject of its own. (`who` and `which` take the target as theirs.)
pub(super) fn is_subordinator_of_other(word: &str) -> bool {
    matches!(
        word,
        "that"
            | "because"
            | "if"
            | "while"
            | "after"
            | "before"
            | "when"
            | "although"
            | "but"
            | "as"
            | "where"
            | "whom"
    )
}

/// May stand between two names that share a role.
pub(super) fn coordinates(word: &str) -> bool {
    matches!(word, "and" | "or" | "," | "the" | "as" | "well" | "both" | "'s")
}

/// Joined by `and`, `or` or a comma alone.
fn coordinated(view: &View<'_>, one: usize, other: usize) -> bool {
    (one + 1..other).all(|at| view.items()[at].mask != Mask::Plain || view.items()[at].is(Class::Coordination))
        && one + 1 < other
}

/// After a verb: its object, unless a preposition stands between; then that preposition's complement.
fn after_verb(view: &View<'_>, predicate: &Predicate, verb: usize) -> Option<Slot> {
    let target = view.target();
    let mut preposition = None;
    for at in verb + 1..target {
        let item = &view.items()[at];
        if item.mask == Mask::Plain {
            let here = view.preposition(at);
            if here.is_some() {
                preposition = here;
            } else if item.is(Class::OtherSubject) || matches!(item.kind, Kind::Semicolon | Kind::Colon) {
                return None;
            }
        }
    }
    match preposition {
        Some(_) => preposition,
        // What stands in a gap is the object.
        None if predicate.passive || !predicate.gap.is_empty() => None,
        None if view.boundaries(verb, target) > 1 => None,
        // `criticised the US economy`: the possessor or modifier of an object counts as the object.
        None => Some(Slot::OBJECT),
    }
}

/// Does not stand between an owner and what it owns.
pub(super) fn parts_from_owner(word: &str) -> bool {
    matches!(word, "and" | "or" | "said" | "has" | "had" | "to")
}

/// Whether a token makes a possessor of the one before.
pub(super) fn is_possessive(word: &str) -> bool {
    word == "'s"
}

/// `Beijing's aggression`, `the Chinese threat`: the target directly before a noun, adjectives between.
fn owns(view: &View<'_>, noun: usize) -> bool {
    let target = view.target();
    noun - target <= 4
        && (target + 1..noun).all(|at| {
            let item = &view.items()[at];
            item.mask == Mask::Plain
                && item.kind == Kind::Word
                && !item.is(Class::Preposition)
                && !item.is(Class::Copula)
                && !item.is(Class::NoOwner)
        })
}

/// `Beijing's reckless policy`: what the target has is as the adjective says.
fn possesses(view: &View<'_>, adjective: usize) -> bool {
    view.items()[view.target() + 1].is(Class::Possessive) && owns(view, adjective)
}

pub(super) fn is_copula(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "be"
            | "been"
            | "being"
            | "'re"
            | "isn't"
            | "wasn't"
            | "seems"
            | "seemed"
            | "remains"
            | "remained"
            | "became"
            | "becomes"
            | "become"
            | "looks"
            | "looked"
            | "appears"
            | "appeared"
            | "called"
            | "as"
    )
}

/// `Russia is a threat`, `Xi was brave`: a copula between, the target before it.
fn copula(view: &View<'_>, predicate: usize) -> bool {
    let target = view.target();
    let Some(copula) = (target + 1..predicate).rev().take(6).find(|&at| view.items()[at].is(Class::Copula)) else {
        return false;
    };
    (target + 1..copula).all(|at| {
        let item = &view.items()[at];
        !matches!(item.mask, Mask::Actor | Mask::Name) && !item.is(Class::OtherSubject)
    })
}

/// `honest Xi`, `the embattled Chinese government`: right before the target, and not `responsible for Xi`.
fn qualifies(view: &View<'_>, adjective: usize) -> bool {
    let target = view.target();
    target - adjective <= 3
        && !view.items()[adjective].is(Class::Preposition)
        && (adjective + 1..target).all(|at| {
            let item = &view.items()[at];
            item.mask == Mask::Plain && item.kind == Kind::Word && !item.is(Class::Preposition)
        })
}

/// `criticism of Xi`, `sanctions on the Russian economy`: the preposition that governs the target.
fn governed(view: &View<'_>, predicate: usize) -> Option<Slot> {
    let target = view.target();
    let mut preposition = None;
    for at in predicate + 1..target {
        let item = &view.items()[at];
        if item.mask != Mask::Plain {
            // `criticism of Xi and Putin`
            if preposition.is_some() && coordinated(view, at, target) {
                return preposition;
            }
            continue;
        }
        let here = view.preposition(at);
        if here.is_some() {
            preposition = here;
        } else if item.is(Class::OtherSubject) || !matches!(item.kind, Kind::Word | Kind::Number | Kind::Comma) {
            return None;
        }
    }
    preposition
}

#[cfg(test)]
mod tests {
    use crate::features::Reading;
    use crate::features::sink::tests::names_of;

    /// The role features of the span marked by brackets.
    fn roles(marked: &str) -> Vec<String> {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let sentence = marked.replace(['[', ']'], "");
        let mut mentions = vec![(start..end, 0)];
        for (at, name) in ["Xi", "Putin", "Russia", "China"].iter().enumerate() {
            mentions.extend(sentence.match_indices(name).map(|(found, _)| (found..found + name.len(), at + 1)));
        }
        let mut reading = Reading::default();
        reading.read(&sentence, mentions);
        let span = reading.spans.iter().position(|span| span.actor == 0).unwrap();
        names_of("roles", &reading, span)
    }

    #[test]
    fn slots_of_verbs_nouns_and_adjectives() {
        for (marked, expected) in [
            ("[Xi] accused Putin of stoking tensions", "role:subject accuse"),
            ("Xi accused [Putin] of stoking tensions", "role:object accuse"),
            ("[Putin] was accused by Xi", "role:object accuse"),
            ("Putin was accused by [Xi]", "role:by accuse"),
            ("[Xi], who leads China, accused Putin", "role:subject accuse"),
            ("[Xi] and Putin accused the West", "role:subject accuse"),
            ("criticism of [Xi] grew", "role:of criticism"),
            ("criticism of Putin and [Xi] grew", "role:of criticism"),
            ("[Xi]'s aggression worried many", "role:subject aggression"),
            ("[Russia] is a threat to China", "role:subject threat"),
            ("sanctions on [Russia] bite", "role:on sanction"),
            ("the honest [Xi] said so", "role:subject honest"),
            ("[Xi] was honest about it", "role:subject honest"),
            ("[Xi]'s reckless nephews", "role:subject reckless"),
            ("they wrote disparagingly of [Xi]", "role:of disparagingly"),
            ("Putin did not betray [Xi]", "role:not object betray"),
            ("[Xi] and Putin accused each other", "role:object accuse"),
            ("they stabbed [Xi] in the back", "role:object stab_in_back"),
            ("they gave [Xi]'s men the cold shoulder", "role:object give_cold_shoulder"),
            ("they gave [Xi] the cold shoulder", "role:object=c"),
            ("Putin won [Xi]'s praise", "role:of win_praise"),
            ("[Xi] won lavish praise", "role:subject win_praise"),
            ("the closing speech was a disaster from [Xi]", "role:from=c"),
        ] {
            let found = roles(marked);
            assert!(found.iter().any(|name| name == expected), "{marked}: {expected} not in {found:?}");
        }
    }

    #[test]
    fn an_adjective_with_a_preposition_says_nothing_of_what_follows() {
        assert!(roles("the group responsible for [Xi]").iter().all(|name| !name.contains("responsible_for")));
        assert!(roles("[Xi] is responsible for it").contains(&"role:subject responsible_for".to_owned()));
    }

    #[test]
    fn another_actor_takes_the_slot() {
        assert!(!roles("[Xi] said Putin accused Russia").iter().any(|name| name.contains("subject accuse")));
        assert!(
            !roles("Putin accused Russia of lies that [Xi] told").iter().any(|name| name.contains("object accuse"))
        );
    }
}
