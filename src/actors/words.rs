//! Lists of English words that help to read the surroundings of a name.
//!
//! They are small and closed: titles, and words that are capitalised only because they begin a sentence.

/// Titles that stand before a person's name, in lower case and without their full stop.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "adm", "admiral", "ambassador", "archbishop", "ayatollah", "baroness", "brig", "brigadier", "capt", "captain",
    "cardinal", "chairman", "chairwoman", "chancellor", "chief", "col", "colonel", "commander", "commissioner",
    "comrade", "congressman", "congresswoman", "dame", "director", "dr", "elect", "emir", "emperor", "empress",
    "gen", "general", "gov", "governor", "imam", "judge", "justice", "king", "lady", "leader", "lord", "lt", "maj",
    "major", "marshal", "mayor", "minister", "mr", "mrs", "ms", "mullah", "pm", "pope", "premier", "pres",
    "president", "prince", "princess", "prof", "professor", "queen", "rep", "representative", "sec", "secretary",
    "sen", "senator", "sgt", "sheik", "sheikh", "sir", "speaker", "sultan", "taoiseach", "treasurer",
];

/// Titles that are written in lower case too, as some papers do.
#[rustfmt::skip]
const LOWER_TITLES: &[&str] = &[
    "ambassador", "chairman", "chairwoman", "chancellor", "commissioner", "elect", "emir", "governor", "king",
    "leader", "mayor", "minister", "pope", "premier", "president", "prince", "princess", "queen", "secretary",
    "senator", "speaker", "sultan",
];

/// Words that may begin a sentence and then mean nothing by their capital, and the names of days and months.
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "a", "about", "above", "according", "across", "after", "again", "against", "all", "almost", "along", "already",
    "also", "although", "amid", "among", "an", "and", "another", "any", "anyone", "around", "as", "aside", "at",
    "away", "back", "because", "before", "behind", "below", "beneath", "beside", "besides", "between", "beyond",
    "both", "but", "by", "can", "clearly", "could", "critics", "currently", "despite", "did", "do", "does",
    "during", "each", "earlier", "either", "elsewhere", "even", "eventually", "ever", "every", "except", "few",
    "finally", "first", "for", "former", "formerly", "fortunately", "from", "further", "furthermore", "given",
    "had", "has", "have", "he", "hence", "her", "here", "his", "how", "however", "i", "if", "in", "indeed",
    "inside", "instead", "into", "is", "it", "its", "just", "last", "lastly", "lately", "later", "less", "let",
    "like", "likewise", "many", "may", "maybe", "meanwhile", "might", "more", "moreover", "most", "much", "must",
    "my", "near", "nearby", "neighboring", "neighbouring", "neither", "never", "nevertheless", "next", "no",
    "nobody", "nonetheless", "nor", "not", "nothing", "now", "nowadays", "of", "off", "officials", "often", "on",
    "once", "one", "only", "onto", "or", "other", "others", "otherwise", "our", "out", "outside", "over", "past",
    "people", "per", "perhaps", "possibly", "previously", "probably", "rather", "recently", "regarding", "same",
    "second", "several", "shall", "she", "should", "similarly", "since", "so", "some", "sometimes", "soon", "still",
    "such", "than", "that", "the", "their", "then", "there", "thereafter", "therefore", "these", "they", "third",
    "this", "those", "though", "through", "throughout", "thus", "to", "today", "together", "tomorrow", "tonight",
    "too", "toward", "towards", "two", "under", "unless", "unlike", "until", "up", "upon", "very", "via", "was",
    "we", "were", "what", "whatever", "when", "whenever", "where", "whereas", "whether", "which", "while", "who",
    "whoever", "whom", "whose", "why", "will", "with", "within", "without", "would", "yes", "yesterday", "yet",
    "you", "your",
];

/// Titles that are written with a full stop.
#[rustfmt::skip]
const ABBREVIATED: &[&str] = &[
    "adm", "brig", "capt", "col", "dr", "gen", "gov", "lt", "maj", "mr", "mrs", "ms", "pres", "prof", "rep", "reps",
    "sec", "sen", "sens", "sgt",
];

#[rustfmt::skip]
const CALENDAR: &[&str] = &[
    "April", "August", "December", "February", "Friday", "January", "July", "June", "March", "May", "Monday",
    "November", "October", "Saturday", "September", "Sunday", "Thursday", "Tuesday", "Wednesday",
];

/// Words before which `US` in a line of capitals is the pronoun.
#[rustfmt::skip]
const BEFORE_PRONOUN: &[&str] = &[
    "ABOUT", "CALL", "CONTACT", "EMAIL", "FOLLOW", "FOR", "GIVE", "HELP", "JOIN", "LET", "LETS", "LIKE", "OF",
    "SEND", "SHOW", "SUPPORT", "TELL", "TO", "VISIT", "WITH", "WRITE",
];

/// Acronyms that spell a common word, so that a line of capitals does not show which is meant.
const WORDS_IN_CAPITALS: &[&str] = &["AID", "AIM", "CAR", "CARE", "ICE", "IS", "SALT", "START", "WHO"];

/// Forms of a country's name that only stand before a hyphen: `Sino-Russian`.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "Anglo", "Austro", "Franco", "Graeco", "Greco", "Hispano", "Indo", "Italo", "Luso", "Russo", "Sino", "Turco",
    "Turko",
];

/// Whether a list of words in lower case and in order has the word in any case.
fn has(list: &[&str], word: &str) -> bool {
    let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    list.binary_search_by(|entry| entry.bytes().cmp(lower())).is_ok()
}

/// Whether the word is a title (the last word of one, as in `Prime Minister`).
pub(super) fn is_title(word: &str) -> bool {
    let list = if word.starts_with(char::is_lowercase) { LOWER_TITLES } else { TITLES };
    has(list, word)
}

/// Whether the word is a title that has a full stop.
pub(super) fn is_abbreviated_title(word: &str) -> bool {
    has(ABBREVIATED, word)
}

/// Whether the word's capital says nothing when it begins a sentence.
pub(super) fn is_starter(word: &str) -> bool {
    has(STARTERS, word) || word.len() > 5 && word.ends_with("ing")
}

/// Whether the name, capitalised, is spelt like a common word.
pub(super) fn is_common_word(name: &str) -> bool {
    has(STARTERS, name) && name.contains(char::is_lowercase)
}

/// Whether the word names a day or month.
pub(super) fn is_calendar(word: &str) -> bool {
    CALENDAR.contains(&word)
}

/// Whether `word`, in a line of capitals, may be an English word.
pub(super) fn may_be_word_in_capitals(word: &str) -> bool {
    WORDS_IN_CAPITALS.contains(&word) || word == "US"
}

/// Whether `word`, in a line of capitals after `before`, is rather an English word than an acronym.
pub(super) fn is_word_in_capitals(word: &str, before: &str) -> bool {
    WORDS_IN_CAPITALS.contains(&word) || word == "US" && BEFORE_PRONOUN.contains(&before)
}

/// Whether the name only stands before a hyphen.
pub(super) fn is_prefix(name: &str) -> bool {
    PREFIXES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_order_and_words_are_found_in_any_case() {
        for list in [TITLES, LOWER_TITLES, STARTERS, ABBREVIATED] {
            assert!(list.is_sorted() && list.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())));
            assert!(list.iter().all(|word| has(list, word) && has(list, &word.to_ascii_uppercase())));
        }
        assert!(!has(TITLES, "") && !has(TITLES, "Kings") && !has(TITLES, "élan"));
    }
}
