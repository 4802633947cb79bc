//! What to advise about bytes that are not UTF-8: which encoding they are likely to be in, or that they are damage.
//!
//! The guess is chardetng's, Firefox's detector. It only advises: no encoding is read that was not named, for a wrong
//! guess changes letters silently. From a few bytes nothing can be guessed; Windows-1252 is by far the likeliest then.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// With fewer bytes beyond ASCII no guess is made.
const FEWEST: usize = 20;

/// The advice for a file that begins with `head` and holds bytes that are not UTF-8, there or later.
pub(super) fn advice(head: &[u8]) -> String {
    let (mut characters, mut broken) = (0, 0);
    for chunk in head.utf8_chunks() {
        characters += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // One is the character that the end of the head cuts.
    if characters > 0 && characters >= 10 * broken.saturating_sub(1) && broken < 10 {
        return "other parts of the file are UTF-8: is this one damaged? --on-error skip leaves it out".to_owned();
    }
    let beyond_ascii = head.iter().filter(|byte| !byte.is_ascii()).count();
    let mut name = "windows-1252".to_owned();
    if beyond_ascii >= FEWEST {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(head, false);
        name = detector.guess(None, Utf8Detection::Deny).name().to_lowercase();
    }
    format!("try --encoding {name}")
}

#[cfg(test)]
mod tests {
    use encoding_rs::Encoding;

    use super::*;

    #[test]
    fn an_encoding_is_named_where_there_is_enough_to_tell_it_by() {
        for (label, text) in [
            ("windows-1252", "Bogotá"),
            (
                "windows-1252",
                "Der Minister prüfte den Entwurf über Zölle. Die Behörde ließ das Geschäft außer Acht. "
                    .repeat(3)
                    .as_str(),
            ),
            ("windows-1251", "Министр осудил решение соседней страны о новых пошлинах на рыбу.".repeat(3).as_str()),
            ("shift_jis", "大臣は隣国の漁業に関する新しい決定を批判した。会談は来週まで続く。".repeat(3).as_str()),
            ("gbk", "部长批评了邻国关于渔业的新决定。会谈将持续到下周。".repeat(3).as_str()),
            ("big5", "部長批評了鄰國關於漁業的新決定。會談將持續到下週。".repeat(3).as_str()),
            (
                "euc-kr",
                "장관은 이웃 나라의 새로운 어업 결정을 비판했다. 회담은 다음 주까지 계속된다.".repeat(3).as_str(),
            ),
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy);
            assert_eq!(advice(&bytes), format!("try --encoding {label}"), "{text}");
        }
    }

    #[test]
    fn one_bad_byte_in_a_file_of_utf8_is_damage() {
        let damaged = [" Der Prüfer kam über Zürich.".as_bytes(), b" \xE9"].concat();
        assert!(advice(&damaged).contains("damaged"));
        assert!(advice("Zürich".as_bytes()).contains("damaged"));
        assert_eq!(advice(b"\xE9 \xE9 \xE9"), "try --encoding windows-1252");
        assert_eq!(advice(b""), "try --encoding windows-1252");
    }
}
