//! What retraining is worth on a new kind of text: adapting, suggesting and auditing, measured on real sets.
//!
//!     cargo bench --bench retraining --no-default-features -- DATA adapt suggest audit
//!
//! `DATA` is the folder of others' sets that `training/recipe.toml` names. Two bases are trained, one without the
//! international set and one without NewsMTSC, both without silver labels, for the encoder that gave those has seen both
//! sets. They are kept in `target/retraining/` and built again if that is removed. Without the cargo feature `encoder`
//! it is the sparse model alone that is measured, and quickly; with it, the default model's dense part audits too.

use std::path::{Path, PathBuf};

use toward::actors::{Catalogue, Finder};
use toward::data::{LabelledOptions, read_labelled};
use toward::evaluation::{Bootstrap, Clusters, Confusion, compare, macro_f1_interval};
use toward::model::{
    Adaptation, Candidate, Classifier, Effort, Instance, Instances, Model, Recipe, adapt, audit, build, suggest,
};
use toward::{CLASSES, Label};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SEEDS: u64 = 5;
const SIZES: [usize; 3] = [100, 300, 1000];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some((data, parts)) = arguments.split_first() else {
        println!(
            "give the folder of the sets to measure: cargo bench --bench retraining -- DATA [adapt] [suggest] [audit]"
        );
        return Ok(());
    };
    let asked = |part: &str| parts.is_empty() || parts.iter().any(|asked| asked == part);
    let catalogue = Catalogue::embedded();
    let room = Room { data: data.into(), finder: Finder::new(&catalogue), catalogue };
    if asked("adapt") {
        room.adapting()?;
    }
    if asked("suggest") {
        room.suggesting()?;
    }
    if asked("audit") {
        room.auditing()?;
    }
    Ok(())
}

/// A kind of text that a base has not seen: what to draw labels from, and what to test on.
struct Domain {
    name: &'static str,
    /// The recipe's sets that its base does without.
    unseen: [&'static str; 2],
    pool: &'static str,
    test: &'static [&'static str],
}

const DOMAINS: [Domain; 2] = [
    Domain {
        name: "international",
        unseen: ["international-train", "silver"],
        pool: "intl/train.csv",
        test: &["intl/dev.csv"],
    },
    Domain {
        name: "NewsMTSC",
        unseen: ["newsmtsc-train", "silver"],
        pool: "newsmtsc/train.csv",
        test: &["newsmtsc/dev_mt.csv", "newsmtsc/dev_rw.csv"],
    },
];

struct Room {
    data: PathBuf,
    catalogue: Catalogue,
    finder: Finder,
}

impl Room {
    fn read(&self, file: &str) -> Result<Vec<Instance>> {
        let labelled = read_labelled(self.data.join(file), &LabelledOptions::default())?;
        Ok(Instances::of_labelled(&labelled.file, &labelled.examples, &self.catalogue, &self.finder).instances)
    }

    fn test(&self, domain: &Domain) -> Result<Vec<Instance>> {
        let mut all = Vec::new();
        for file in domain.test {
            all.extend(self.read(file)?);
        }
        Ok(all)
    }

    /// The model of the recipe without a domain's sets.
    fn base(&self, domain: &Domain) -> Result<Model> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/retraining");
        let kept = folder.join(format!("without-{}.safetensors", domain.name));
        if kept.exists() {
            return Ok(Model::open(kept)?);
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/recipe.toml");
        let mut recipe = Recipe::open(&path)?;
        recipe.sets.retain(|set| !domain.unseen.contains(&set.name.as_str()));
        recipe.locate(&path, &self.data)?;
        let model = build(&recipe, &self.catalogue, &self.finder, &|line| println!("{line}"))?;
        std::fs::create_dir_all(&folder)?;
        std::fs::write(kept, model.to_bytes()?)?;
        Ok(model)
    }

    /// Base, adapted and from-nothing models by the number of labels.
    fn adapting(&self) -> Result<()> {
        for domain in &DOMAINS {
            let (base, pool, test) = (self.base(domain)?, self.read(domain.pool)?, self.test(domain)?);
            let of_base = labels(&base, &test)?;
            println!("\n{}, {} mentions to test on, {SEEDS} draws", domain.name, test.len());
            println!(
                "| labels | base | from nothing | adapted | adapted - base | adapted - from nothing | draws better |"
            );
            println!("|---|---|---|---|---|---|---|");
            for size in SIZES {
                let (mut adapted, mut nothing) = (Vec::new(), Vec::new());
                for seed in 0..SEEDS {
                    let drawn = draw(&pool, size, seed);
                    adapted.push(labels(&learn(&drawn, Some(&base))?.model, &test)?);
                    nothing.push(labels(&learn(&drawn, None)?.model, &test)?);
                }
                println!("| {size} {}", row(&test, &of_base, &nothing, &adapted)?);
            }
        }
        Ok(())
    }

    /// Labels that `suggest` chose, in rounds, against labels drawn at random.
    fn suggesting(&self) -> Result<()> {
        const ROUNDS: [usize; 3] = [200, 200, 200];
        let domain = &DOMAINS[0];
        let (base, pool, test) = (self.base(domain)?, self.read(domain.pool)?, self.test(domain)?);
        println!("\nsuggest on {}: macro-F1 on {} mentions", domain.name, test.len());
        println!("| draw | 600 at random | 1,000 at random | 600 suggested |\n|---|---|---|---|");
        let (mut random, mut chosen) = (Vec::new(), Vec::new());
        for seed in 0..SEEDS {
            let fewer = labels(&learn(&draw(&pool, 600, seed), Some(&base))?.model, &test)?;
            let more = labels(&learn(&draw(&pool, 1000, seed), Some(&base))?.model, &test)?;
            // What a user would have at hand: a part of the pool.
            let open = draw(&pool, 10_000, seed + 100);
            let mut labelled: Vec<Instance> = Vec::new();
            let mut model = base.clone();
            for wanted in ROUNDS {
                let candidates = candidates(&model, &open, &labelled)?;
                let suggested = suggest(&candidates, wanted);
                let picked: Vec<usize> =
                    suggested.iter().map(|suggestion| candidates[suggestion.at].document).collect();
                labelled.extend(picked.into_iter().map(|at| open[at].clone()));
                model = learn(&labelled, Some(&base))?.model;
            }
            let guided = labels(&model, &test)?;
            let [fewer, guided_f1, more_f1] =
                [macro_f1(&test, &fewer)?, macro_f1(&test, &guided)?, macro_f1(&test, &more)?];
            println!("| {} | {fewer:.3} | {more_f1:.3} | {guided_f1:.3} |", seed + 1);
            random.push(more);
            chosen.push(guided);
        }
        let [a, b] = [random, chosen].map(|draws| draws.concat());
        let (truth, clusters) = repeated(&test);
        let compared = compare(&truth, &a, &b, Some(&clusters), Bootstrap::default())?;
        let [low, high] = compared.ci95;
        println!("600 suggested - 1,000 at random: {:+.3} ({low:+.3} to {high:+.3})", compared.difference);
        Ok(())
    }

    /// How many of 5 % flipped labels stand in the first tenth of the ranking.
    fn auditing(&self) -> Result<()> {
        let base = Model::embedded()?;
        println!("\naudit: flipped labels in the first 10 % of the ranking, base default");
        println!("| set | rows | draw | flipped | found | share |\n|---|---|---|---|---|---|");
        for domain in &DOMAINS {
            let test = self.test(domain)?;
            for seed in 0..SEEDS {
                let mut noisy = draw(&test, 3000, seed);
                let flipped = flip(&mut noisy, seed);
                let adapted = learn(&noisy, Some(&base))?;
                let held_out = adapted.held_out_dense.as_ref().unwrap_or(&adapted.held_out);
                let ranked = audit(&noisy, held_out, &adapted.model.sparse, 0)?;
                let found =
                    ranked.iter().take(noisy.len() / 10).filter(|audited| flipped.contains(&audited.at)).count();
                let share = 100.0 * found as f64 / flipped.len() as f64;
                println!(
                    "| {} | {} | {} | {} | {found} | {share:.0} % |",
                    domain.name,
                    noisy.len(),
                    seed + 1,
                    flipped.len()
                );
            }
        }
        Ok(())
    }
}

/// Without a catalogue, which instances need no more and which takes a while to compile.
fn labels(model: &Model, instances: &[Instance]) -> Result<Vec<Label>> {
    let classifier = Classifier::new(model, Catalogue::empty(), Effort::Fast)?;
    let answers = classifier.judge_instances(instances)?;
    Ok(answers.into_iter().map(|(answer, _)| Label::of_scores(answer)).collect())
}

fn candidates(model: &Model, open: &[Instance], without: &[Instance]) -> Result<Vec<Candidate>> {
    let classifier = Classifier::new(model, Catalogue::empty(), Effort::Fast)?;
    let answers = classifier.judge_instances(open)?;
    let known: std::collections::BTreeSet<&str> = without.iter().map(|known| known.sentence.as_str()).collect();
    let candidate = |(document, (instance, (probabilities, _))): (usize, (&Instance, ([f32; CLASSES], _)))| Candidate {
        actor: instance.sentence[instance.mention.clone()].to_owned(),
        instance: instance.clone(),
        probabilities,
        document,
    };
    let open =
        open.iter().zip(answers).enumerate().filter(|(_, (instance, _))| !known.contains(instance.sentence.as_str()));
    Ok(open.map(candidate).collect())
}

fn learn(instances: &[Instance], base: Option<&Model>) -> Result<Adaptation> {
    Ok(adapt("bench", "", instances, Vec::new(), base, None)?)
}

/// Mentions of whole sentences in an order that the seed gives.
fn draw(pool: &[Instance], size: usize, seed: u64) -> Vec<Instance> {
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by_cached_key(|&at| (xxhash_rust::xxh3::xxh3_64_with_seed(pool[at].sentence.as_bytes(), seed), at));
    order.into_iter().take(size).map(|at| pool[at].clone()).collect()
}

/// Gives every twentieth row another label; the places of those rows.
fn flip(instances: &mut [Instance], seed: u64) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut order: Vec<usize> = (0..instances.len()).collect();
    random.shuffle(&mut order);
    order.truncate(instances.len() / 20);
    for &at in &order {
        let others: Vec<Label> = Label::ALL.into_iter().filter(|&label| label != instances[at].label()).collect();
        instances[at].target = toward::linear::one_hot([others[random.usize(..others.len())]])[0];
    }
    order
}

fn macro_f1(test: &[Instance], predicted: &[Label]) -> Result<f64> {
    let truth: Vec<Label> = test.iter().map(Instance::label).collect();
    Ok(Confusion::of(&truth, predicted)?.macro_f1())
}

/// A row of the table: three scores over all draws, two differences with intervals, and in how many draws the adapted
/// model beats both others.
fn row(test: &[Instance], base: &[Label], nothing: &[Vec<Label>], adapted: &[Vec<Label>]) -> Result<String> {
    let mut better = 0;
    for (nothing, adapted) in nothing.iter().zip(adapted) {
        let adapted = macro_f1(test, adapted)?;
        better += usize::from(adapted > macro_f1(test, nothing)? && adapted > macro_f1(test, base)?);
    }
    let bootstrap = Bootstrap::default();
    let (truth, clusters) = repeated(test);
    let all = [vec![base.to_vec(); adapted.len()].concat(), nothing.concat(), adapted.concat()];
    let mut text = String::new();
    for predicted in &all {
        let [low, high] = macro_f1_interval(&truth, predicted, Some(&clusters), bootstrap)?;
        text += &format!("| {:.3} ({low:.3}-{high:.3}) ", Confusion::of(&truth, predicted)?.macro_f1());
    }
    for other in &all[..2] {
        let compared = compare(&truth, other, &all[2], Some(&clusters), bootstrap)?;
        let [low, high] = compared.ci95;
        text += &format!("| {:+.3} ({low:+.3} to {high:+.3}) ", compared.difference);
    }
    Ok(format!("{text}| {better} of {} |", adapted.len()))
}

/// The truth once a draw; in the bootstrap the copies of a sentence are drawn together.
fn repeated(test: &[Instance]) -> (Vec<Label>, Clusters) {
    let truth = (0..SEEDS).flat_map(|_| test.iter().map(Instance::label)).collect();
    let keys: Vec<&str> = (0..SEEDS).flat_map(|_| test.iter().map(|instance| instance.sentence.as_str())).collect();
    (truth, Clusters::by_key(keys))
}
