//! Test results read: text of four formats to [`Results`].
//!
//! Floor 1, pure and streaming. A reader never fails and never guesses: what can't be read, what
//! is missing and what contradicts itself is in [`Results::complaints`]. Whatever the size of the
//! input, what is kept is bounded: [`gather`](self) keeps failures of every kind and counts the
//! rest, texts keep their head and tail, and a line or an attribute is read to a limit.
//!
//! It leaves out what a failure means: grouping by cause is not done here, nor are secrets taken
//! out of the texts. A test that is told of twice counts once, by the worse of its results, and only
//! what a format calls another try makes it flaky; a body and a teardown that both failed are two
//! failures of one test.

mod decode;
mod gather;
mod gojson;
mod golines;
mod guess;
mod junit;
mod libtest;
mod lines;
mod panics;
mod tap;
mod text;
mod words;

use std::io::BufRead;

use crate::model::{Format, Results};

pub use decode::Decoded;
pub use guess::guess;

/// What a reader tells while it reads, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// A test began; only formats that tell it.
    Began(&'a str),
    /// A test ended. One that is tried again ends more than once.
    Ended {
        /// Its name, as in [`Results`] but for what tells it from others of its name.
        test: &'a str,
        /// Whether it failed.
        failed: bool,
    },
}

/// Reads results to their end. Never fails: what is wrong with them is in `Results::complaints`.
///
/// [`Format::ExitStatus`] has no results: the input is not read.
pub fn read(format: Format, input: &mut dyn BufRead, on: &mut dyn FnMut(Seen<'_>)) -> Results {
    let mut input = decode::Decoded::new(input);
    let mut gather = gather::Gather::new(on);
    match format {
        Format::Junit => junit::read(&mut input, &mut gather),
        Format::GoJson => gojson::read(&mut input, &mut gather),
        Format::Libtest => libtest::read(&mut input, &mut gather),
        Format::Tap => tap::read(&mut input, &mut gather),
        Format::ExitStatus => return Results::default(),
    }
    gather.finish()
}
