//! What somebody meant who mistyped a name: the known name that is a few slips of the keyboard away.

/// The name closest to what is wanted, case aside; `None` where none is close enough to be meant.
pub(crate) fn closest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = wanted.to_lowercase();
    let length = wanted.chars().count();
    let most = (length / 3).clamp(1, 3);
    // Names that are longer or shorter by more than that cannot be close; bytes are a bound for characters.
    let able = names.into_iter().filter(|name| name.len() + most >= length && name.len() <= 4 * (length + most));
    let distances = able.map(|name| (distance(&wanted, &name.to_lowercase()), name));
    distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The number of characters to insert, delete or replace to turn `a` into `b` (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn the_closest_name_wins_and_a_far_one_is_none() {
        let names = ["Washington", "Warsaw", "Wellington", "Éire"];
        assert_eq!(closest("washingtn", names), Some("Washington"));
        assert_eq!(closest("Welington", names), Some("Wellington"));
        assert_eq!(closest("eire", names), Some("Éire"));
        assert_eq!(closest("Lima", names), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "é")), (3, 1));
    }
}
