//! Small charts as inline SVG: columns over time, a line of steps, stacked rows.
//!
//! Every chart has a title and a description in it, and says nothing by colour alone: of two series
//! one is filled and one outlined, and amounts are written where there is room. Colours are the
//! page's, by class. The drawing is as wide as a phone, and grows with its column.

use crate::picture::Attribute::{Id, Own, Says, Size, Sizes};
use crate::picture::{Markup, Said};

/// The width of every drawing.
const WIDTH: f64 = 360.0;
/// The height of one with an axis of time.
const HEIGHT: f64 = 190.0;
/// Where the axes are.
const LEFT: f64 = 38.0;
const RIGHT: f64 = 354.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 164.0;
/// The height of a row.
const ROW: f64 = 34.0;

/// What a chart is called.
#[derive(Clone, Copy, Debug)]
pub struct Caption<'a> {
    /// Its name, unique on the page: letters and `-`.
    pub id: &'a str,
    /// One line.
    pub title: &'a str,
    /// What it shows, for somebody who can't see it.
    pub description: &'a str,
}

/// Amounts, one for each step of the axis. `None` is "nothing is known", which is not zero.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// Its class on the page.
    pub class: &'static str,
    /// The amounts.
    pub values: &'a [Option<u64>],
}

/// Columns over time, those of several series side by side.
pub fn columns(markup: &mut Markup<'_>, caption: Caption<'_>, labels: &[String], series: &[Series<'_>]) {
    let top = nice(series.iter().flat_map(|s| s.values).filter_map(|v| *v).max().unwrap_or(0));
    drawing(markup, caption, HEIGHT, |markup| {
        axes(markup, labels, top);
        let step = (RIGHT - LEFT) / amount(labels.len().max(1));
        let wide = (step * 0.84 / amount(series.len().max(1))).min(26.0);
        let left = wide * amount(series.len()) / 2.0;
        for (place, series) in series.iter().enumerate() {
            for (at, value) in series.values.iter().take(labels.len()).enumerate() {
                let Some(value) = *value else { continue };
                let x = LEFT + step * (amount(at) + 0.5) - left + wide * amount(place);
                let high = (BOTTOM - TOP) * share(value, top);
                let (width, y) = ((wide - 1.5).max(1.0), BOTTOM - high);
                if value > 0 {
                    let sizes =
                        [Size("x", x), Size("y", y), Size("width", width), Size("height", high.max(1.0))];
                    let class = Own("class", series.class);
                    markup.shape("rect", &std::iter::once(class).chain(sizes).collect::<Vec<_>>());
                }
                if wide >= 14.0 {
                    label(markup, "middle", x + width / 2.0, y - 4.0, &brief(value));
                }
            }
        }
    });
}

/// How an amount stood over time: a line of steps with the area below it, and its last amount.
pub fn steps(markup: &mut Markup<'_>, caption: Caption<'_>, labels: &[String], values: &[u64]) {
    let top = nice(values.iter().copied().max().unwrap_or(0));
    drawing(markup, caption, HEIGHT, |markup| {
        axes(markup, labels, top);
        let step = (RIGHT - LEFT) / amount(values.len().max(1));
        let mut line = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let y = BOTTOM - (BOTTOM - TOP) * share(*value, top);
            line.extend([LEFT + step * amount(at), y, LEFT + step * amount(at + 1), y]);
        }
        let Some(last) = values.last() else { return };
        let mut area = vec![LEFT, BOTTOM];
        area.extend(&line);
        area.extend([RIGHT, BOTTOM]);
        markup.shape("polygon", &[Own("class", "area"), Sizes("points", &area)]);
        markup.shape("polyline", &[Own("class", "line"), Sizes("points", &line)]);
        let y = BOTTOM - (BOTTOM - TOP) * share(*last, top);
        label(markup, "end", RIGHT, y - 5.0, &brief(*last));
    });
}

/// Rows of stacked amounts: each with its name before it, and its sum behind it. The classes are those
/// of the parts.
pub fn rows(
    markup: &mut Markup<'_>,
    caption: Caption<'_>,
    rows: &[(String, Vec<u64>)],
    classes: &[(&'static str, &'static str)],
) {
    let most = rows.iter().map(|(_, parts)| parts.iter().sum::<u64>()).max().unwrap_or(0).max(1);
    let (left, right) = (52.0, WIDTH - 34.0);
    drawing(markup, caption, ROW * amount(rows.len()) + 4.0, |markup| {
        for (place, (name, parts)) in rows.iter().enumerate() {
            let middle = ROW * (amount(place) + 0.5) + 2.0;
            label(markup, "start", 0.0, middle + 4.0, name);
            let mut x = left;
            for (part, (class, on_it)) in parts.iter().zip(classes) {
                let wide = (right - left) * share(*part, most);
                if *part == 0 {
                    continue;
                }
                let sizes = [Size("x", x), Size("y", middle - 12.0), Size("height", 24.0)];
                let width = Size("width", (wide - 1.5).max(1.0));
                let class = [Own("class", class), width];
                markup.shape("rect", &class.into_iter().chain(sizes).collect::<Vec<_>>());
                let text = brief(*part);
                if wide > 9.0 * amount(text.len()) + 7.0 {
                    let place = [Size("x", x + wide / 2.0), Size("y", middle + 4.0)];
                    let look = [Own("class", on_it), Own("text-anchor", "middle")];
                    markup.element("text", &look.into_iter().chain(place).collect::<Vec<_>>(), &text);
                }
                x += wide;
            }
            let sum: u64 = parts.iter().sum();
            label(markup, "start", x + 6.0, middle + 4.0, &brief(sum));
        }
    });
}

/// The frame of a chart, with what says what it is.
fn drawing(markup: &mut Markup<'_>, caption: Caption<'_>, height: f64, inside: impl FnOnce(&mut Markup<'_>)) {
    let (title, description) = (format!("{}-title", caption.id), format!("{}-text", caption.id));
    let labelled = format!("{title} {description}");
    let frame = [
        Own("role", "img"),
        Own("class", "chart"),
        Sizes("viewBox", &[0.0, 0.0, WIDTH, height]),
        Says(Said::LabelledBy, &labelled),
    ];
    markup.within("svg", &frame, |markup| {
        markup.element("title", &[Id(&title)], caption.title);
        markup.element("desc", &[Id(&description)], caption.description);
        inside(markup);
    });
    markup.line();
}

/// Lines at three amounts, and as many labels of the steps as have room.
fn axes(markup: &mut Markup<'_>, labels: &[String], top: u64) {
    for amount in [0, top / 2, top] {
        let y = BOTTOM - (BOTTOM - TOP) * share(amount, top);
        let ends = [Size("x1", LEFT), Size("x2", RIGHT), Size("y1", y), Size("y2", y)];
        let class = Own("class", if amount == 0 { "base" } else { "grid" });
        markup.shape("line", &std::iter::once(class).chain(ends).collect::<Vec<_>>());
        label(markup, "end", LEFT - 5.0, y + 4.0, &brief(amount));
    }
    let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or(1);
    let step = (RIGHT - LEFT) / amount(labels.len().max(1));
    let every = ((amount(longest) * 7.5 + 9.0) / step).ceil().max(1.0);
    let mut next = 0.0;
    for (at, text) in labels.iter().enumerate() {
        if amount(at) < next {
            continue;
        }
        next = amount(at) + every;
        let (middle, half) = (LEFT + step * (amount(at) + 0.5), amount(text.chars().count()) * 3.75);
        label(markup, "middle", middle.clamp(LEFT - 20.0 + half, RIGHT - half), BOTTOM + 17.0, text);
    }
}

fn label(markup: &mut Markup<'_>, anchor: &'static str, x: f64, y: f64, text: &str) {
    markup.element("text", &[Own("text-anchor", anchor), Size("x", x), Size("y", y)], text);
}

/// The next even amount that is easy to read, at least 2, so that its half is one, too.
fn nice(most: u64) -> u64 {
    let mut unit: u64 = 1;
    loop {
        for times in [2, 4, 6, 8, 10, 14] {
            match unit.checked_mul(times) {
                Some(top) if top >= most => return top,
                Some(_) => {}
                None => return most,
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// A number for a small place: from ten thousand on without its last digits.
pub fn brief(count: u64) -> String {
    let mut rest = count;
    for unit in ["", "k", "M", "G", "T", "P"] {
        if rest < if unit.is_empty() { 10_000 } else { 1_000 } {
            return format!("{rest}{unit}");
        }
        rest /= 1_000;
    }
    format!("{rest}E")
}

fn share(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "it is drawn, to a tenth of a pixel")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

fn amount(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "it is drawn, to a tenth of a pixel")]
    let amount = count as f64;
    amount
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;

    use super::*;

    /// Whether it is well-formed, and every measure is a number on the drawing.
    fn check(svg: &str) -> Vec<String> {
        let mut reader = quick_xml::Reader::from_str(svg);
        let mut names = Vec::new();
        let mut depth = 0;
        loop {
            let event = reader.read_event().unwrap_or_else(|e| panic!("{e}: {svg}"));
            if let Event::Start(start) | Event::Empty(start) = &event {
                names.push(start.name().as_ref().to_owned());
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap_or_else(|e| panic!("{e}: {svg}"));
                    let value = &attribute.value;
                    if ["x", "y", "width", "height", "points"].contains(&attribute.key.as_ref()) {
                        for number in value.split(' ') {
                            let number: f64 = number.parse().unwrap_or_else(|e| panic!("{e}: {value}"));
                            assert!((-1.0..=1000.0).contains(&number), "{value} in {svg}");
                        }
                    }
                }
            }
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        names
    }

    fn drawn(draw: impl FnOnce(&mut Markup<'_>)) -> String {
        let same = |text: &str| text.to_owned();
        let mut markup = Markup::new(&same);
        draw(&mut markup);
        markup.into_text()
    }

    const CAPTION: Caption<'_> = Caption { id: "c", title: "a < b", description: "\"&\"" };

    proptest! {
        #[test]
        fn whatever_the_amounts_a_chart_is_well_formed(
            values in proptest::collection::vec(proptest::option::of(prop_oneof![0..50_u64, any::<u64>()]), 0..40),
            name in "\\PC{0,12}",
        ) {
            let labels: Vec<_> = values.iter().map(|_| name.clone()).collect();
            let series = [Series { class: "a", values: &values }, Series { class: "b", values: &values }];
            let svg = drawn(|markup| columns(markup, CAPTION, &labels, &series));
            let bars = values.iter().filter(|v| v.is_some_and(|v| v > 0)).count() * 2;
            prop_assert_eq!(check(&svg).iter().filter(|name| *name == "rect").count(), bars);
            let known: Vec<_> = values.iter().flatten().map(|v| v % 1_000_000).collect();
            check(&drawn(|markup| steps(markup, CAPTION, &labels, &known)));
            let stacked = [(name.clone(), known.iter().copied().take(4).collect()), (name, vec![0, 1])];
            let svg = drawn(|markup| rows(markup, CAPTION, &stacked, &[("a", "on"); 4]));
            prop_assert_eq!(&check(&svg)[..3], ["svg", "title", "desc"]);
        }
    }

    #[test]
    fn an_axis_ends_at_an_even_amount() {
        let tops = [0, 1, 3, 9, 11, 15, 61, 140, 141].map(nice);
        assert_eq!(tops, [2, 2, 4, 10, 14, 20, 80, 140, 200]);
        assert!(nice(u64::MAX) >= u64::MAX / 2);
    }

    #[test]
    fn large_numbers_are_brief() {
        let texts = [0, 9_999, 10_000, 999_999, 1_000_000, u64::MAX].map(brief);
        assert_eq!(texts, ["0", "9999", "10k", "999k", "1M", "18E"]);
    }

    #[test]
    fn nothing_known_is_no_column_and_few_columns_have_their_amounts() {
        let labels = ["a", "b", "c"].map(str::to_owned);
        let values = [Some(0), None, Some(7)];
        let svg = drawn(|m| columns(m, CAPTION, &labels, &[Series { class: "failed", values: &values }]));
        assert_eq!(svg.matches("<rect").count(), 1);
        assert!(svg.contains(">7</text>") && svg.contains("aria-labelledby=\"c-title c-text\""), "{svg}");
    }
}
