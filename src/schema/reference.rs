//! The reference page, as markdown: every key of front matter and of `gardener.toml`, and every exit code.

use crate::config;
use crate::model::FileKey;
use crate::worklog::file_keys;

/// The page. `exit_codes` are those that the command line documents.
pub fn page(exit_codes: &[(u8, &str)]) -> String {
    let mut text = String::from(
        "# Reference\n\n\
         Made from the tables that gardener itself reads: `gardener schema reference > docs/reference.md`.\n\
         `gardener schema worklog` and `gardener schema config` print the same as JSON Schemas, for editors.\n\n\
         ## Front matter\n\n\
         A key that is left out, or has no value, is no opinion. Keys that are not listed are kept and mean\n\
         nothing. `id` and `title` of an entry, `gardener` and `id` of a worklog have to be there.\n\n",
    );
    for (title, keys) in [
        ("At the top", &file_keys::HEADER[..]),
        ("An item of `entries`", &file_keys::ENTRY[..]),
        ("An item of `candidates`", &file_keys::CANDIDATE[..]),
        ("An item of `runs`", &file_keys::RUN[..]),
    ] {
        text.push_str(&format!("### {title}\n\n| Key | Value | Meaning |\n|---|---|---|\n"));
        for FileKey { name, shape, meaning, .. } in keys {
            text.push_str(&format!("| `{name}` | {} | {meaning} |\n", shape.words()));
        }
        text.push('\n');
    }
    text.push_str(
        "## gardener.toml\n\nAt the top of the repository; every key may be left out, but for a suite's command.\n\n\
         | Key | Value | Example | Default | Meaning |\n|---|---|---|---|---|\n",
    );
    for key in config::KEYS {
        let (shape, default) = (key.shape.words(), default(key.default));
        text.push_str(&format!(
            "| `{}` | {shape} | `{}` | {default} | {} |\n",
            key.name, key.example, key.meaning
        ));
    }
    text.push_str("\n## Exit codes\n\nThe highest that applies.\n\n| Code | Meaning |\n|---|---|\n");
    for (code, meaning) in exit_codes {
        text.push_str(&format!("| {code} | {meaning} |\n"));
    }
    text
}

/// A default that is a value, as code; one in words, as words.
fn default(text: &str) -> String {
    let is_value = text.starts_with(['"', '[', '{']) || text.bytes().all(|b| b.is_ascii_digit());
    if is_value { format!("`{text}`") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_breaks_its_row() {
        let page = page(&[(0, "fine")]);
        for row in page.lines().filter(|line| line.starts_with('|')) {
            let cells = row.split(" | ").count();
            assert!([2, 3, 5].contains(&cells) || row.starts_with("|-"), "{row}");
        }
        for key in config::KEYS {
            assert!(page.contains(&format!("| `{}` |", key.name)), "{}", key.name);
        }
    }
}
