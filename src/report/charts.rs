//! Where the marks of a chart stand. The markup is in `templates/charts.html`.

use std::fmt::Write as _;

use serde::Serialize;

use super::tally::Tally;
use crate::Label;

/// Fewer rows than this are shown pale: their share says little.
pub(super) const FEW: u64 = 5;

/// Bars of support and criticism from a common zero line, with intervals.
#[derive(Serialize)]
pub(super) struct Bars {
    width: f64,
    height: f64,
    zero: f64,
    top: f64,
    bottom: f64,
    ticks: Vec<Tick>,
    rows: Vec<BarRow>,
}

#[derive(Serialize)]
struct Tick {
    at: f64,
    name: String,
}

#[derive(Serialize)]
struct BarRow {
    name: String,
    full: String,
    index: u32,
    middle: f64,
    top: f64,
    height: f64,
    critical: Bar,
    supportive: Bar,
    total: String,
    described: String,
}

/// A bar from `x`, its whisker, and the place of its number.
#[derive(Serialize)]
struct Bar {
    x: f64,
    width: f64,
    low: f64,
    high: f64,
    label_at: f64,
    percent: String,
}

const BAR_NAMES: f64 = 168.0;
const BAR_PLOT: f64 = 468.0;
const BAR_TOTALS: f64 = 60.0;
const BAR_PITCH: f64 = 34.0;
const BAR_HEIGHT: f64 = 16.0;
/// Room beyond the longest whisker for the bar's number.
const BAR_NUMBER: f64 = 48.0;

pub(super) fn bars<'a>(actors: impl Iterator<Item = (&'a str, u32, Tally)> + Clone) -> Bars {
    let largest = actors
        .clone()
        .flat_map(|(_, _, tally)| [Label::Supportive, Label::Critical].map(|label| tally.interval(label)[1]))
        .fold(0.0, f64::max);
    let step = if largest > 0.5 {
        0.25
    } else if largest > 0.2 {
        0.1
    } else {
        0.05
    };
    let most = (largest / step).ceil().max(1.0) * step;
    let zero = BAR_NAMES + BAR_PLOT / 2.0;
    let unit = (BAR_PLOT / 2.0 - BAR_NUMBER) / most;
    let top = 30.0;
    let steps = (most / step).round() as i32;
    let ticks = (-steps..=steps).map(|tick| {
        let share = f64::from(tick) * step;
        Tick { at: px(zero + share * unit), name: format!("{:.0} %", share.abs() * 100.0) }
    });
    let rows: Vec<BarRow> = actors
        .enumerate()
        .map(|(at, (name, index, tally))| {
            let middle = top + BAR_PITCH * (at as f64 + 0.5);
            let side = |label: Label, sign: f64| {
                let (share, [low, high]) = (tally.share(label), tally.interval(label));
                let end = zero + sign * share * unit;
                Bar {
                    x: px(end.min(zero)),
                    width: px(share * unit),
                    low: px(zero + sign * low * unit),
                    high: px(zero + sign * high * unit),
                    label_at: px(zero + sign * (high * unit + 6.0)),
                    percent: percent(share),
                }
            };
            BarRow {
                name: short(name, 24),
                full: name.to_owned(),
                index,
                middle: px(middle),
                top: px(middle - BAR_HEIGHT / 2.0),
                height: BAR_HEIGHT,
                critical: side(Label::Critical, -1.0),
                supportive: side(Label::Supportive, 1.0),
                total: thousands(tally.total()),
                described: format!(
                    "{name}: {} supportive, {} neutral, {} critical of {} mentions",
                    percent(tally.share(Label::Supportive)),
                    percent(tally.share(Label::Neutral)),
                    percent(tally.share(Label::Critical)),
                    thousands(tally.total())
                ),
            }
        })
        .collect();
    let bottom = top + BAR_PITCH * rows.len() as f64;
    Bars {
        width: BAR_NAMES + BAR_PLOT + BAR_TOTALS,
        height: px(bottom + 8.0),
        zero,
        top,
        bottom: px(bottom),
        ticks: ticks.collect(),
        rows,
    }
}

/// A matrix of net stances.
#[derive(Serialize)]
pub(super) struct Heat {
    width: f64,
    height: f64,
    names_width: f64,
    head: f64,
    columns: Vec<HeatColumn>,
    rows: Vec<HeatRow>,
}

#[derive(Serialize)]
struct HeatColumn {
    name: String,
    full: String,
    at: f64,
}

#[derive(Serialize)]
struct HeatRow {
    name: String,
    full: String,
    middle: f64,
    cells: Vec<HeatCell>,
}

#[derive(Serialize)]
struct HeatCell {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    middle: f64,
    net_at: f64,
    total_at: f64,
    net: String,
    total: String,
    /// `supportive`, `critical` or nothing.
    side: &'static str,
    /// How strong the colour is, 0 to 100.
    strength: u32,
    few: bool,
    empty: bool,
    described: String,
}

const HEAT_NAMES: f64 = 160.0;
const HEAT_HEAD: f64 = 112.0;
const HEAT_CELL: (f64, f64) = (62.0, 42.0);

/// `rows` by `columns`; `joined` says in words how a row and a column go together.
pub(super) fn heat(rows: &[&str], columns: &[&str], tallies: &[Vec<Tally>], joined: &str, diagonal: bool) -> Heat {
    let (cell_width, cell_height) = HEAT_CELL;
    let column = |(at, name): (usize, &&str)| HeatColumn {
        name: short(name, 19),
        full: (*name).to_owned(),
        at: px(HEAT_NAMES + cell_width * (at as f64 + 0.5)),
    };
    let row = |(at, name): (usize, &&str)| {
        let y = HEAT_HEAD + cell_height * at as f64;
        let cells = tallies[at].iter().enumerate().filter(|(column, _)| diagonal || *column != at);
        let cells = cells.map(|(column, tally)| {
            let x = HEAT_NAMES + cell_width * column as f64;
            let net = tally.net();
            let total = tally.total();
            HeatCell {
                x: px(x + 1.0),
                y: px(y + 1.0),
                width: cell_width - 2.0,
                height: cell_height - 2.0,
                middle: px(x + cell_width / 2.0),
                net_at: px(y + 19.0),
                total_at: px(y + 33.0),
                net: signed(net),
                total: thousands(total),
                side: side(net),
                strength: strength(net),
                few: total < FEW,
                empty: total == 0,
                described: format!(
                    "{name} {joined} {}: net {} of {} mentions",
                    columns[column],
                    signed(net),
                    thousands(total)
                ),
            }
        });
        HeatRow {
            name: short(name, 22),
            full: (*name).to_owned(),
            middle: px(y + cell_height / 2.0),
            cells: cells.collect(),
        }
    };
    Heat {
        // The last slanted name leans out to the right.
        width: px(HEAT_NAMES + cell_width * columns.len() as f64 + 70.0),
        height: px(HEAT_HEAD + cell_height * rows.len() as f64 + 2.0),
        names_width: HEAT_NAMES,
        head: HEAT_HEAD,
        columns: columns.iter().enumerate().map(column).collect(),
        rows: rows.iter().enumerate().map(row).collect(),
    }
}

/// A line of net stance over bars of volume.
#[derive(Serialize)]
pub(super) struct Panel {
    name: String,
    index: Option<u32>,
    total: String,
    net: String,
    side: &'static str,
    /// The line; it breaks where nothing was said.
    path: String,
    points: Vec<Point>,
    volumes: Vec<Volume>,
    described: String,
}

#[derive(Serialize)]
struct Point {
    x: f64,
    y: f64,
    few: bool,
    side: &'static str,
    described: String,
}

#[derive(Serialize)]
struct Volume {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// What all panels share.
#[derive(Serialize)]
pub(super) struct Frame {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    zero: f64,
    bottom: f64,
    base: f64,
    times: Vec<Tick>,
}

const PANEL: (f64, f64) = (340.0, 172.0);
const PANEL_LEFT: f64 = 34.0;
const PANEL_RIGHT: f64 = 330.0;
const PANEL_TOP: f64 = 10.0;
const PANEL_BOTTOM: f64 = 110.0;
const PANEL_BASE: f64 = 150.0;

fn bin_x(bin: usize, bins: usize) -> f64 {
    PANEL_LEFT + (PANEL_RIGHT - PANEL_LEFT) * (bin as f64 + 0.5) / bins as f64
}

pub(super) fn frame(names: &[String]) -> Frame {
    let bins = names.len();
    let mut marks = vec![0, bins / 2, bins.saturating_sub(1)];
    marks.dedup();
    if bins < 5 {
        marks = (0..bins).collect();
    }
    // Four days' names, each with its year, are as much as a panel holds.
    let marks = if bins == 4 { vec![0, 3] } else { marks };
    Frame {
        width: PANEL.0,
        height: PANEL.1,
        left: PANEL_LEFT,
        right: PANEL_RIGHT,
        top: PANEL_TOP,
        zero: f64::midpoint(PANEL_TOP, PANEL_BOTTOM),
        bottom: PANEL_BOTTOM,
        base: PANEL_BASE,
        times: marks.into_iter().map(|bin| Tick { at: px(bin_x(bin, bins)), name: names[bin].clone() }).collect(),
    }
}

pub(super) fn panel(name: &str, index: Option<u32>, tallies: &[Tally], names: &[String]) -> Panel {
    let bins = tallies.len();
    let y = |net: f64| f64::midpoint(PANEL_TOP, PANEL_BOTTOM) - net * (PANEL_BOTTOM - PANEL_TOP) / 2.0;
    let mut path = String::new();
    let mut points = Vec::new();
    let mut drawing = false;
    for (bin, tally) in tallies.iter().enumerate() {
        if tally.total() == 0 {
            drawing = false;
            continue;
        }
        let (x, y) = (px(bin_x(bin, bins)), px(y(tally.net())));
        path.push(if drawing { 'L' } else { 'M' });
        // Writing to a string cannot fail.
        let _ = write!(path, "{x} {y}");
        drawing = true;
        points.push(Point {
            x,
            y,
            few: tally.total() < FEW,
            side: side(tally.net()),
            described: format!("{}: net {} of {} mentions", names[bin], signed(tally.net()), thousands(tally.total())),
        });
    }
    let most = tallies.iter().map(Tally::total).max().unwrap_or(0).max(1) as f64;
    let wide = (PANEL_RIGHT - PANEL_LEFT) / bins as f64;
    let volumes = tallies.iter().enumerate().filter(|(_, tally)| tally.total() > 0).map(|(bin, tally)| {
        let height = (PANEL_BASE - PANEL_BOTTOM - 8.0) * tally.total() as f64 / most;
        let width = (wide * 0.8).min(22.0);
        Volume {
            x: px(bin_x(bin, bins) - width / 2.0),
            y: px(PANEL_BASE - height),
            width: px(width),
            height: px(height),
        }
    });
    let mut sum = Tally::default();
    for tally in tallies {
        for (sum, count) in sum.counts.iter_mut().zip(tally.counts) {
            *sum += count;
        }
    }
    Panel {
        name: name.to_owned(),
        index,
        total: thousands(sum.total()),
        net: signed(sum.net()),
        side: side(sum.net()),
        path,
        points,
        volumes: volumes.collect(),
        described: format!("{name}: net stance over time, on the whole {}", signed(sum.net())),
    }
}

/// A coordinate, to a tenth.
fn px(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// `34 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

/// A net stance in points, `+34`, `−12` or `0`.
pub(super) fn signed(net: f64) -> String {
    let points = (net * 100.0).round() as i64;
    match points {
        0 => "0".to_owned(),
        1.. => format!("+{points}"),
        _ => format!("\u{2212}{}", -points),
    }
}

pub(super) fn side(net: f64) -> &'static str {
    match (net * 100.0).round() as i64 {
        0 => "",
        1.. => "supportive",
        _ => "critical",
    }
}

/// How strong a colour stands for a net stance: full at two thirds, for few actors get further.
pub(super) fn strength(net: f64) -> u32 {
    ((net.abs() * 150.0).round() as u32).min(100)
}

/// `12,345`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name that fits a place of so many letters; wide scripts take two a letter.
pub(super) fn short(name: &str, most: usize) -> String {
    let wide = |character: char| if character >= '\u{1100}' { 2 } else { 1 };
    if name.chars().map(wide).sum::<usize>() <= most {
        return name.to_owned();
    }
    let mut room = most - 1;
    let kept = name.chars().take_while(|&character| {
        let fits = room >= wide(character);
        room = room.saturating_sub(wide(character));
        fits
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.344, -0.12, 0.001].map(signed), ["+34", "\u{2212}12", "0"]);
    }

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(short("China", 5), "China");
        assert_eq!(short("European Union", 10), "European…");
        assert_eq!(short("中华人民共和国", 9), "中华人民…");
    }

    #[test]
    fn a_line_breaks_where_nothing_was_said() {
        let tally = |counts| Tally { counts };
        let tallies = [tally([1, 0, 0]), tally([0, 0, 0]), tally([0, 0, 1]), tally([0, 1, 0])];
        let names = ["a", "b", "c", "d"].map(String::from);
        let panel = panel("x", None, &tallies, &names);
        assert_eq!(panel.path.matches('M').count(), 2);
        assert_eq!((panel.points.len(), panel.volumes.len()), (3, 3));
    }
}
