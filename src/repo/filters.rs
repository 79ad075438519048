//! Line endings and other content filters: what git would store for a text, and what it
//! would check out.
//!
//! Nearly every text is stored as it is, so git filters only where that could change
//! something. For that the attributes are looked at here; what they do is git's.

use crate::repo::git::{Git, failed, unread};
use crate::repo::{Repo, RepoError};

/// A text whose stored form is wanted.
pub(super) struct Text<'a> {
    pub(super) path: &'a str,
    pub(super) bytes: &'a [u8],
    /// What is stored at the path now. A file that was stored with CRLF keeps it under
    /// automatic conversion: so does `git add`, although `git hash-object` doesn't.
    pub(super) stored: Option<git2::Oid>,
}

/// The attributes that matter.
struct Attributes {
    /// A filter driver, `ident` or an encoding: only git knows what it does.
    other: bool,
    /// Lines are converted whatever the text looks like.
    text: bool,
    /// Lines are converted when it looks like a text.
    auto: bool,
    /// The line ending was named.
    named: bool,
}

impl Attributes {
    /// From what `git check-attr` says of [`NAMES`], in that order.
    fn new(values: &[&[u8]], converts: bool) -> Self {
        let set = |place: usize| values.get(place).is_some_and(|v| !matches!(*v, b"unspecified" | b"unset"));
        let named = set(1) || set(2);
        let (text, auto, named) = match values.first().copied() {
            // A file that is said to be no text is not converted, whatever else is said.
            Some(b"unset") => (false, false, false),
            Some(b"auto") => (false, true, named),
            Some(b"unspecified") | None => (named, converts, named),
            Some(_) => (true, false, named),
        };
        Self { other: set(3) || set(4) || set(5), text, auto, named }
    }
}

/// The attributes that change content.
const NAMES: [&str; 6] = ["text", "eol", "crlf", "filter", "ident", "working-tree-encoding"];

/// What git says of the attributes of some paths, in their order.
pub(super) struct Said(Vec<u8>);

impl Git {
    /// The attributes of all these paths, by one process.
    pub(super) fn attributes<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Said, RepoError> {
        let input: Vec<_> = paths.flat_map(|path| path.bytes().chain([0])).collect();
        if input.is_empty() {
            return Ok(Said(Vec::new()));
        }
        let call = self.reading(["check-attr", "-z", "--stdin"].into_iter().chain(NAMES));
        Ok(Said(self.run("git check-attr", &call.input(&input))?))
    }
}

impl Repo {
    fn attributes<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Vec<Attributes>, RepoError> {
        Ok(self.read_attributes(&self.git.attributes(paths)?)?.collect())
    }

    fn read_attributes<'s>(
        &self,
        said: &'s Said,
    ) -> Result<impl Iterator<Item = Attributes> + use<'s>, RepoError> {
        let converts =
            matches!(self.config()?.get("core.autocrlf"), Some("true" | "input" | "yes" | "on" | "1"));
        // Path, name and value, each with a zero byte at its end.
        let mut fields = said.0.split(|b| *b == 0);
        Ok(std::iter::from_fn(move || {
            let mut values = [&b""[..]; NAMES.len()];
            for value in &mut values {
                *value = fields.nth(2)?;
            }
            Some(Attributes::new(&values, converts))
        }))
    }

    /// Whether checking each file out could give other bytes than are stored.
    pub(super) fn checks_out_differently(&self, paths: &[&str]) -> Result<Vec<bool>, RepoError> {
        self.differs_by(&self.git.attributes(paths.iter().copied())?)
    }

    /// The same from what git said of the paths.
    pub(super) fn differs_by(&self, said: &Said) -> Result<Vec<bool>, RepoError> {
        let config = self.config()?;
        let to_crlf = config.get("core.autocrlf").is_some_and(|v| !["false", "input"].contains(&v))
            || config.get("core.eol").is_some_and(|v| v != "lf")
            || cfg!(windows);
        let differs = |a: Attributes| a.other || a.named || ((a.text || a.auto) && to_crlf);
        Ok(self.read_attributes(said)?.map(differs).collect())
    }

    /// Whether storing each text could give other bytes.
    pub(super) fn stores_differently(&self, texts: &[Text<'_>]) -> Result<Vec<bool>, RepoError> {
        let attributes = self.attributes(texts.iter().map(|text| text.path))?;
        let kept = |text: &Text<'_>| {
            let stored = text.stored.and_then(|id| self.git2.find_blob(id).ok());
            stored.is_some_and(|blob| has_crlf(blob.content()))
        };
        let differs = |(text, a): (&Text<'_>, Attributes)| {
            a.other || (has_crlf(text.bytes) && (a.text || (a.auto && !kept(text))))
        };
        Ok(texts.iter().zip(attributes).map(differs).collect())
    }

    /// The id that each text has, or would have, in the object store. A text that git must
    /// filter is read from the work tree again, all of them by one process.
    pub(super) fn stored_ids(&self, texts: &[Text<'_>]) -> Result<Vec<git2::Oid>, RepoError> {
        let mut ids = Vec::new();
        let mut filtered = Vec::new();
        for (place, (text, differs)) in texts.iter().zip(self.stores_differently(texts)?).enumerate() {
            if differs {
                filtered.push((place, text.path));
            }
            let id = git2::Oid::hash_object(git2::ObjectType::Blob, text.bytes);
            ids.push(id.map_err(unread("hash a file"))?);
        }
        if !filtered.is_empty() {
            let input: Vec<_> = filtered.iter().flat_map(|(_, path)| quoted(path)).collect();
            let call = self.git.reading(["hash-object", "--stdin-paths"]).input(&input);
            let out = self.git.run("git hash-object", &call)?;
            let answers = parse_ids("git hash-object", &out)?;
            for ((place, _), id) in filtered.iter().zip(answers) {
                ids[*place] = id;
            }
        }
        Ok(ids)
    }

    /// Stored blobs as they would be checked out at these paths, by one process.
    pub(super) fn checked_out(&self, blobs: &[(git2::Oid, &str)]) -> Result<Vec<Vec<u8>>, RepoError> {
        if blobs.is_empty() {
            return Ok(Vec::new());
        }
        // git states the size before filtering, so the end of each text is marked by
        // asking for a name that isn't there. No text can hold the name: it is a hash of
        // them all.
        let ids: String = blobs.iter().map(|(id, _)| id.to_string()).collect();
        let hash = git2::Oid::hash_object(git2::ObjectType::Blob, ids.as_bytes());
        let mark = format!("end-{}", hash.map_err(unread("hash a file"))?);
        // Only git 2.38 and later know `-z`, which only an odd name needs.
        let odd = blobs.iter().any(|(_, path)| path.contains('\n'));
        let (end, option) = if odd { ('\0', Some("-z")) } else { ('\n', None) };
        let input: String = blobs.iter().map(|(id, path)| format!("{id} {path}{end}{mark}{end}")).collect();
        let call = self.git.reading(["cat-file", "--batch", "--filters"].into_iter().chain(option));
        let out = self.git.run("git cat-file", &call.input(input.as_bytes()))?;
        let mut rest = out.as_slice();
        let mut texts = Vec::new();
        for _ in blobs {
            let Some((text, after)) = next_object(rest, &mark) else {
                return Err(failed("git cat-file", "it gave less than was asked for"));
            };
            texts.push(text.to_vec());
            rest = after;
        }
        Ok(texts)
    }
}

fn has_crlf(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\r\n")
}

/// A path as a line of a list that git reads: in C's quotes where it must be.
fn quoted(path: &str) -> Vec<u8> {
    let odd = path.contains(['"', '\n', '\\', '\t']);
    let text = path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    if odd { format!("\"{text}\"\n").into_bytes() } else { format!("{path}\n").into_bytes() }
}

/// The ids that git printed, one a line.
pub(super) fn parse_ids(command: &str, out: &[u8]) -> Result<Vec<git2::Oid>, RepoError> {
    let lines = String::from_utf8_lossy(out);
    let ids = lines.lines().map(|line| git2::Oid::from_str(line).map_err(unread(command)));
    ids.collect()
}

/// One object of `cat-file --batch`: a line `id kind size`, the bytes, and on a line of
/// its own that `mark` is missing.
fn next_object<'o>(out: &'o [u8], mark: &str) -> Option<(&'o [u8], &'o [u8])> {
    let line = out.iter().position(|b| *b == b'\n')?;
    let header = std::str::from_utf8(&out[..line]).ok()?;
    let rest = header.contains(" blob ").then_some(&out[line + 1..])?;
    let mark = format!("\n{mark} missing\n");
    let end = rest.windows(mark.len()).position(|w| w == mark.as_bytes())?;
    Some((&rest[..end], &rest[end + mark.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_cat_file_are_taken_apart() {
        let out = b"aaaa blob 9\nx\ny\n\nend-1 missing\nbbbb blob 0\n\nend-1 missing\ncccc missing\n";
        let (first, rest) = next_object(out, "end-1").expect("one");
        assert_eq!(first, b"x\ny\n");
        let (second, rest) = next_object(rest, "end-1").expect("two");
        assert_eq!(second, b"");
        assert_eq!(next_object(rest, "end-1"), None);
        assert_eq!(quoted("a\"b\nc.md"), b"\"a\\\"b\\nc.md\"\n");
    }
}
