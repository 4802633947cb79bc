//! The targets of `fuzz/` with a plain mutator of bytes: a short run with every `cargo test`, without cargo-fuzz.
//!
//! Every seed and every input that once made a target fail is played first, then seeds changed at random, the same ones
//! each time. `TOWARD_FUZZ_CASES=1000000 cargo test --release --test fuzz csv` runs one target for longer;
//! `fuzz/README.md` tells how to run them with coverage.

#[path = "../fuzz/src/lib.rs"]
#[cfg(feature = "encoder")]
mod targets;

#[cfg(feature = "encoder")]
mod short_run {
    use std::panic::catch_unwind;
    use std::path::Path;

    use super::targets::TARGETS;

    /// Pieces that mean something to one of the targets.
    const PIECES: [&[u8]; 28] = [
        b"\"",
        b"\n",
        b"\r\n",
        b",",
        b";",
        b"\t",
        b"\0",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xE9",
        b"\xF0\x9F\x91\x8D",
        b"\xE2\x80\x9C",
        b"\xCC\x81",
        b"[c ",
        b"]",
        b"\\",
        b"|",
        b"near(",
        b" or ",
        b"{",
        b"}",
        b"[",
        b"-1",
        b"1e999",
        b"99999999999999999999",
        b"<",
        b"&#0;",
        b"Zoria",
    ];

    /// Changes an input a little.
    fn changed(seeds: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
        let mut bytes = seeds[random.usize(..seeds.len())].clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..=bytes.len());
            let end = random.usize(at..=bytes.len().min(at + 20));
            match random.u8(..7) {
                0 => bytes.splice(at..at, PIECES[random.usize(..PIECES.len())].iter().copied()).for_each(drop),
                1 => bytes.splice(at..end, PIECES[random.usize(..PIECES.len())].iter().copied()).for_each(drop),
                2 => bytes.drain(at..end).for_each(drop),
                3 => bytes.extend_from_within(at..end),
                4 => bytes.truncate(at),
                5 => {
                    let other = &seeds[random.usize(..seeds.len())];
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[random.usize(..=other.len())..]);
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << random.u8(..8);
                    }
                }
            }
        }
        bytes
    }

    fn files(folder: &Path) -> Vec<Vec<u8>> {
        let Ok(entries) = folder.read_dir() else { return Vec::new() };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }

    fn run(name: &str, cases: usize) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        let (_, holds) = TARGETS.into_iter().find(|(target, _)| *target == name).unwrap();
        let play = |bytes: &[u8]| {
            assert!(catch_unwind(|| holds(bytes)).is_ok(), "{name} does not hold for b\"{}\"", bytes.escape_ascii());
        };
        let mut seeds = files(&root.join("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        seeds.extend(files(&root.join("found").join(name)));
        for seed in &seeds {
            play(seed);
        }
        let cases = std::env::var("TOWARD_FUZZ_CASES").map_or(cases, |cases| cases.parse().unwrap());
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..cases {
            play(&changed(&seeds, &mut random));
        }
    }

    #[test]
    fn bundle() {
        run("bundle", 300);
    }

    #[test]
    fn catalogue() {
        run("catalogue", 2000);
    }

    #[test]
    fn converters() {
        run("converters", 1000);
    }

    #[test]
    fn corpus() {
        run("corpus", 3000);
    }

    #[test]
    fn csv() {
        run("csv", 3000);
    }

    #[test]
    fn encoder() {
        run("encoder", 10);
    }

    #[test]
    fn tables() {
        run("tables", 1000);
    }

    #[test]
    fn text() {
        run("text", 300);
    }
}
