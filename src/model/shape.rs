//! What a value of a file looks like, in so many words as an editor needs to help with it. What a value must
//! be in full is decided where it is read; a test holds both together.

/// The look of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The version of the format.
    Version,
    /// Any text.
    Text,
    /// Text, usually: what stands there is kept, and not read.
    Kept,
    /// One line that says something.
    Line,
    /// Letters, digits, `.`, `_` and `-`, at most so many.
    Id(usize),
    /// `true` or `false`.
    Flag,
    /// A number from 0 to 1.
    Share,
    /// A whole number in these bounds.
    Whole(u64, u64),
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words is usual, any other text is kept.
    Usual(&'static [&'static str]),
    /// `P0` to `P3`.
    Severity,
    /// A status; a project can have more of them.
    Status,
    /// `12`, `"#12"` or `"owner/repo#12"`.
    Issue,
    /// A label of GitHub.
    Label,
    /// A list of labels.
    Labels,
    /// A list of links, plain or with a word before them.
    Links,
    /// A list of issues that an entry may be about.
    Candidates,
    /// A list of texts.
    Texts,
    /// A list of lines that say something.
    Lines,
    /// A list of maps with these keys.
    Maps(&'static [FileKey]),
    /// `owner/name`.
    Repository,
    /// A folder or file, from the top of the repository.
    Inside,
    /// The label of each severity.
    SeverityLabels,
    /// The label of each further status.
    StatusLabels,
    /// A list of patterns.
    Patterns,
    /// The name of a branch.
    Branch,
    /// A number with `ms`, `s`, `m` or `h`.
    Time,
    /// A list of accounts.
    Accounts,
    /// A program and its arguments.
    Command,
    /// Names of variables with their values.
    Variables,
    /// A list of names of variables.
    VariableNames,
    /// A label with `{session}` in it.
    SessionLabel,
}

/// A key of a file, for editors and for the reference page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKey {
    /// The key.
    pub name: &'static str,
    /// What a value looks like.
    pub shape: Shape,
    /// What it decides or says, one or two sentences.
    pub meaning: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

impl Shape {
    /// What it looks like, in a few words of markdown.
    pub fn words(self) -> String {
        let listed = |words: &[&str]| words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Version => "`1`".to_owned(),
            Self::Text | Self::Kept => "text".to_owned(),
            Self::Line => "one line".to_owned(),
            Self::Id(most) => format!("1 to {most} letters, digits, `-` or `_`"),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Share => "0 to 1".to_owned(),
            Self::Whole(least, u64::MAX) => format!("a whole number from {least} on"),
            Self::Whole(least, most) => format!("a whole number, {least} to {most}"),
            Self::Words(words) => listed(words),
            Self::Usual(words) => format!("{}, or other text", listed(words)),
            Self::Severity => "`P0` to `P3`".to_owned(),
            Self::Status => {
                "`open`, `in-progress`, `completed`, `not-planned`, `duplicate`, or one of `labels.status`"
                    .to_owned()
            }
            Self::Issue => "`12`, `\"#12\"` or `\"owner/repo#12\"`".to_owned(),
            Self::Label => "a label".to_owned(),
            Self::Labels => "labels".to_owned(),
            Self::Links => {
                "`\"#12\"`, `\"owner/repo#12\"`, addresses, paths; plain or behind `blocked-by:`, `blocks:`, \
                 `parent:`, `duplicate-of:`"
                    .to_owned()
            }
            Self::Candidates | Self::Maps(_) => "maps, see below".to_owned(),
            Self::Texts => "texts".to_owned(),
            Self::Lines => "lines".to_owned(),
            Self::Repository => "`\"owner/name\"`".to_owned(),
            Self::Inside => "a path from the top".to_owned(),
            Self::SeverityLabels => "a label for each of `P0` to `P3`".to_owned(),
            Self::StatusLabels => "a label for each status".to_owned(),
            Self::Patterns => "patterns".to_owned(),
            Self::Branch => "a branch".to_owned(),
            Self::Time => "a time: `\"800ms\"`, `\"5s\"`, `\"10m\"`, `\"2h\"`".to_owned(),
            Self::Accounts => "accounts, without `@`".to_owned(),
            Self::Command => "a program and its arguments".to_owned(),
            Self::Variables => "variables with their values".to_owned(),
            Self::VariableNames => "names of variables".to_owned(),
            Self::SessionLabel => "a label with `{session}` in it".to_owned(),
        }
    }
}
