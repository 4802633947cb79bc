//! English inflection, from a lemma to its forms: the regular rules (Quirk et al., *A Comprehensive Grammar*,
//! 3.5-3.10) and the irregular verbs of news.

use std::borrow::Cow;

use super::PartOfSpeech;
use crate::features::slot::is_preposition;

/// Irregular verbs: base, past, participle. Where a verb is missing it is regular.
const IRREGULAR: &[(&str, &str, &str)] = &[
    ("arise", "arose", "arisen"),
    ("awake", "awoke", "awoken"),
    ("be", "was", "been"),
    ("bear", "bore", "borne"),
    ("beat", "beat", "beaten"),
    ("become", "became", "become"),
    ("befall", "befell", "befallen"),
    ("begin", "began", "begun"),
    ("bend", "bent", "bent"),
    ("bet", "bet", "bet"),
    ("bind", "bound", "bound"),
    ("bite", "bit", "bitten"),
    ("bleed", "bled", "bled"),
    ("blow", "blew", "blown"),
    ("break", "broke", "broken"),
    ("breed", "bred", "bred"),
    ("bring", "brought", "brought"),
    ("build", "built", "built"),
    ("burst", "burst", "burst"),
    ("buy", "bought", "bought"),
    ("cast", "cast", "cast"),
    ("catch", "caught", "caught"),
    ("choose", "chose", "chosen"),
    ("cling", "clung", "clung"),
    ("come", "came", "come"),
    ("cost", "cost", "cost"),
    ("creep", "crept", "crept"),
    ("cut", "cut", "cut"),
    ("deal", "dealt", "dealt"),
    ("dig", "dug", "dug"),
    ("do", "did", "done"),
    ("draw", "drew", "drawn"),
    ("drink", "drank", "drunk"),
    ("drive", "drove", "driven"),
    ("eat", "ate", "eaten"),
    ("fall", "fell", "fallen"),
    ("feed", "fed", "fed"),
    ("feel", "felt", "felt"),
    ("fight", "fought", "fought"),
    ("find", "found", "found"),
    ("flee", "fled", "fled"),
    ("fling", "flung", "flung"),
    ("fly", "flew", "flown"),
    ("forbid", "forbade", "forbidden"),
    ("forget", "forgot", "forgotten"),
    ("forgive", "forgave", "forgiven"),
    ("forgo", "forwent", "forgone"),
    ("forsake", "forsook", "forsaken"),
    ("freeze", "froze", "frozen"),
    ("get", "got", "got"),
    ("give", "gave", "given"),
    ("go", "went", "gone"),
    ("grind", "ground", "ground"),
    ("grow", "grew", "grown"),
    ("hang", "hung", "hung"),
    ("have", "had", "had"),
    ("hear", "heard", "heard"),
    ("hide", "hid", "hidden"),
    ("hit", "hit", "hit"),
    ("hold", "held", "held"),
    ("hurt", "hurt", "hurt"),
    ("keep", "kept", "kept"),
    ("know", "knew", "known"),
    ("lay", "laid", "laid"),
    ("lead", "led", "led"),
    ("leave", "left", "left"),
    ("lend", "lent", "lent"),
    ("let", "let", "let"),
    ("lose", "lost", "lost"),
    ("make", "made", "made"),
    ("mean", "meant", "meant"),
    ("meet", "met", "met"),
    ("mislead", "misled", "misled"),
    ("misunderstand", "misunderstood", "misunderstood"),
    ("outdo", "outdid", "outdone"),
    ("overcome", "overcame", "overcome"),
    ("overrun", "overran", "overrun"),
    ("oversee", "oversaw", "overseen"),
    ("overthrow", "overthrew", "overthrown"),
    ("pay", "paid", "paid"),
    ("put", "put", "put"),
    ("quit", "quit", "quit"),
    ("read", "read", "read"),
    ("rebuild", "rebuilt", "rebuilt"),
    ("rid", "rid", "rid"),
    ("ride", "rode", "ridden"),
    ("ring", "rang", "rung"),
    ("rise", "rose", "risen"),
    ("run", "ran", "run"),
    ("say", "said", "said"),
    ("see", "saw", "seen"),
    ("seek", "sought", "sought"),
    ("sell", "sold", "sold"),
    ("send", "sent", "sent"),
    ("set", "set", "set"),
    ("shake", "shook", "shaken"),
    ("shed", "shed", "shed"),
    ("shine", "shone", "shone"),
    ("shoot", "shot", "shot"),
    ("show", "showed", "shown"),
    ("shrink", "shrank", "shrunk"),
    ("shut", "shut", "shut"),
    ("sing", "sang", "sung"),
    ("sink", "sank", "sunk"),
    ("sit", "sat", "sat"),
    ("slap", "slapped", "slapped"),
    ("slay", "slew", "slain"),
    ("slide", "slid", "slid"),
    ("sling", "slung", "slung"),
    ("speak", "spoke", "spoken"),
    ("spend", "spent", "spent"),
    ("spin", "spun", "spun"),
    ("spit", "spat", "spat"),
    ("split", "split", "split"),
    ("spread", "spread", "spread"),
    ("spring", "sprang", "sprung"),
    ("stand", "stood", "stood"),
    ("steal", "stole", "stolen"),
    ("stick", "stuck", "stuck"),
    ("sting", "stung", "stung"),
    ("stink", "stank", "stunk"),
    ("stride", "strode", "stridden"),
    ("strike", "struck", "struck"),
    ("strive", "strove", "striven"),
    ("swear", "swore", "sworn"),
    ("sweep", "swept", "swept"),
    ("swing", "swung", "swung"),
    ("take", "took", "taken"),
    ("teach", "taught", "taught"),
    ("tear", "tore", "torn"),
    ("tell", "told", "told"),
    ("think", "thought", "thought"),
    ("throw", "threw", "thrown"),
    ("thrust", "thrust", "thrust"),
    ("tread", "trod", "trodden"),
    ("undercut", "undercut", "undercut"),
    ("undergo", "underwent", "undergone"),
    ("understand", "understood", "understood"),
    ("undertake", "undertook", "undertaken"),
    ("undo", "undid", "undone"),
    ("uphold", "upheld", "upheld"),
    ("upset", "upset", "upset"),
    ("wear", "wore", "worn"),
    ("weave", "wove", "woven"),
    ("weep", "wept", "wept"),
    ("win", "won", "won"),
    ("wind", "wound", "wound"),
    ("withdraw", "withdrew", "withdrawn"),
    ("withhold", "withheld", "withheld"),
    ("withstand", "withstood", "withstood"),
    ("wring", "wrung", "wrung"),
    ("write", "wrote", "written"),
];

/// Verbs of more than one syllable whose last is stressed, so that their consonant doubles.
const DOUBLING: &[&str] = &[
    "abet",
    "abhor",
    "acquit",
    "admit",
    "allot",
    "commit",
    "compel",
    "concur",
    "confer",
    "control",
    "debar",
    "defer",
    "deter",
    "dispel",
    "emit",
    "equip",
    "excel",
    "expel",
    "forget",
    "impel",
    "incur",
    "infer",
    "occur",
    "omit",
    "outwit",
    "patrol",
    "permit",
    "prefer",
    "propel",
    "rebel",
    "rebut",
    "recur",
    "refer",
    "regret",
    "remit",
    "repel",
    "submit",
    "transfer",
    "transmit",
    "unplug",
    "kidnap",
    "backpedal",
];

/// Which participle of a verb a form is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Participle {
    /// None, or of no verb.
    #[default]
    None,
    /// `accusing`
    Present,
    /// `accused`, which may be passive.
    Past,
}

/// The forms of a lemma's first word.
pub(super) fn of_first(word: &str, pos: PartOfSpeech, alone: bool) -> Vec<(String, Participle)> {
    match pos {
        PartOfSpeech::Verb => verb(word),
        PartOfSpeech::Noun if alone => {
            vec![(word.to_owned(), Participle::None), (third_person(word), Participle::None)]
        }
        _ => vec![(word.to_owned(), Participle::None)],
    }
}

/// The forms of the last of a lemma's further words: the plural of a noun, and of a noun that a verb takes (`keep_promise`,
/// *kept promises*), and all persons of `itself`.
pub(super) fn of_last(word: &str, pos: PartOfSpeech) -> impl Iterator<Item = Cow<'_, str>> {
    let is_reflexive = REFLEXIVE.contains(&word);
    let is_noun = pos == PartOfSpeech::Noun || pos == PartOfSpeech::Verb && may_be_noun(word);
    let plural = (is_noun && !is_reflexive).then(|| Cow::Owned(third_person(word)));
    let persons = REFLEXIVE.into_iter().filter(move |&person| is_reflexive && person != word);
    std::iter::once(Cow::Borrowed(word)).chain(plural).chain(persons.map(Cow::Borrowed))
}

const REFLEXIVE: [&str; 4] = ["itself", "himself", "herself", "themselves"];

/// Whether the last word of a verb's phrase may be a noun: no particle, and no plural yet.
fn may_be_noun(word: &str) -> bool {
    let particle = matches!(
        word,
        "about"
            | "ahead"
            | "along"
            | "apart"
            | "aside"
            | "away"
            | "back"
            | "down"
            | "forward"
            | "off"
            | "out"
            | "short"
            | "together"
            | "up"
    );
    !particle && !is_preposition(word) && !word.ends_with('s')
}

/// The forms of a verb.
fn verb(base: &str) -> Vec<(String, Participle)> {
    use Participle::{None, Past, Present};

    if base == "be" {
        let present = |form| if form == "being" { Present } else { None };
        let forms = ["be", "is", "are", "was", "were", "been", "being", "am"];
        return forms.map(|form| (form.to_owned(), present(form))).to_vec();
    }
    let mut forms = vec![(third_person(base), None), (present_participle(base), Present)];
    if let Ok(found) = IRREGULAR.binary_search_by_key(&base, |row| row.0) {
        let (_, past, participle) = IRREGULAR[found];
        if past != participle && past != base {
            forms.push((past.to_owned(), None));
        }
        forms.push((participle.to_owned(), Past));
        if participle == base {
            return forms;
        }
    } else {
        forms.push((past(base), Past));
    }
    forms.push((base.to_owned(), None));
    forms
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// `accuses`, `crushes`, `denies`; also the plural of a noun.
fn third_person(base: &str) -> String {
    let bytes = base.as_bytes();
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| base.ends_with(end));
    if base == "have" {
        "has".to_owned()
    } else if sibilant || matches!(base, "do" | "go" | "undo" | "undergo" | "veto" | "echo" | "hero") {
        format!("{base}es")
    } else if base.ends_with('y') && bytes.len() > 1 && !is_vowel(bytes[bytes.len() - 2]) {
        format!("{}ies", &base[..base.len() - 1])
    } else {
        format!("{base}s")
    }
}

/// Whether the last consonant doubles before `-ed` and `-ing`.
fn doubles(base: &str) -> bool {
    let bytes = base.as_bytes();
    let [.., before, vowel, last] = bytes else { return false };
    let closed = !is_vowel(*last) && !matches!(last, b'w' | b'x' | b'y') && is_vowel(*vowel) && !is_vowel(*before);
    let syllables = bytes.windows(2).filter(|pair| is_vowel(pair[1]) && !is_vowel(pair[0])).count()
        + usize::from(is_vowel(bytes[0]));
    closed && (syllables == 1 || DOUBLING.contains(&base))
}

fn past(base: &str) -> String {
    let bytes = base.as_bytes();
    if base.ends_with('e') {
        format!("{base}d")
    } else if base.ends_with('y') && bytes.len() > 1 && !is_vowel(bytes[bytes.len() - 2]) {
        format!("{}ied", &base[..base.len() - 1])
    } else if doubles(base) {
        format!("{base}{}ed", &base[base.len() - 1..])
    } else {
        format!("{base}ed")
    }
}

fn present_participle(base: &str) -> String {
    if let Some(stem) = base.strip_suffix("ie") {
        format!("{stem}ying")
    } else if let Some(stem) = base.strip_suffix('e').filter(|stem| stem.len() > 1 && !stem.ends_with(['e', 'o', 'y']))
    {
        format!("{stem}ing")
    } else if doubles(base) {
        format!("{base}{}ing", &base[base.len() - 1..])
    } else {
        format!("{base}ing")
    }
}

#[cfg(test)]
mod tests {
    use super::{IRREGULAR, Participle, past, present_participle, third_person, verb};

    #[test]
    fn regular_verbs() {
        for (base, s, ed, ing) in [
            ("accuse", "accuses", "accused", "accusing"),
            ("deny", "denies", "denied", "denying"),
            ("destroy", "destroys", "destroyed", "destroying"),
            ("crush", "crushes", "crushed", "crushing"),
            ("rob", "robs", "robbed", "robbing"),
            ("abet", "abets", "abetted", "abetting"),
            ("threaten", "threatens", "threatened", "threatening"),
            ("free", "frees", "freed", "freeing"),
            ("praise", "praises", "praised", "praising"),
            ("snoop", "snoops", "snooped", "snooping"),
            ("die", "dies", "died", "dying"),
        ] {
            assert_eq!((third_person(base), past(base), present_participle(base)), (s.into(), ed.into(), ing.into()));
        }
    }

    #[test]
    fn irregular_verbs_are_sorted_and_marked() {
        assert!(IRREGULAR.is_sorted());
        let beat: Vec<_> =
            verb("beat").into_iter().map(|(form, participle)| format!("{form} {participle:?}")).collect();
        assert!(beat.contains(&"beaten Past".to_owned()) && beat.contains(&"beat None".to_owned()));
        assert!(verb("steal").contains(&("stole".to_owned(), Participle::None)));
    }
}
