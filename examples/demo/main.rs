//! Two sides of a worklog, in two minutes: `cargo run --example demo`.
//!
//! Makes a scratch repository in a temporary folder, starts a stand-in for GitHub on a
//! loopback port, and shows what the real `gardener` does between the two. Needs Rust and
//! git, no account and no network; leaves nothing behind. Exits with 1 if anything came
//! out other than it says.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a demo acts on the real world")]

mod scratch;
mod screen;
mod story;

use std::env;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::scratch::Told;
use crate::screen::Screen;

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If nobody listens, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "\nthe demo did not work out: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Told<()> {
    let gardener = built_gardener()?;
    let mut out = anstream::AutoStream::auto(std::io::stdout());
    let color = std::io::stdout().is_terminal() && out.current_choice() != anstream::ColorChoice::Never;
    story::tell(&mut Screen::new(&mut out, color), &gardener)
}

/// The program beside this example, brought up to date first.
///
/// This example is `target/<profile>/examples/demo`, or `target/<triple>/<profile>/…`. Cargo
/// builds no program for an example, so it is asked to, in the same folder and profile. It
/// is asked for both at once: for the program alone it would build the dependencies again
/// with fewer features.
fn built_gardener() -> Told<PathBuf> {
    let me = env::current_exe()?;
    let folder = me.parent().and_then(Path::parent).ok_or("the example is not in a target folder")?;
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let above = folder.parent().ok_or("the example is not in a target folder")?;
    // Cargo marks the top of a target folder.
    let (target, triple) = match above.parent() {
        Some(top) if !above.join("CACHEDIR.TAG").exists() && top.join("CACHEDIR.TAG").exists() => {
            (top, Some(name(above)))
        }
        _ => (above, None),
    };
    let profile = match name(folder).as_str() {
        "debug" => "dev".to_owned(),
        other => other.to_owned(),
    };
    let program = folder.join(format!("gardener{}", env::consts::EXE_SUFFIX));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let mut build = Command::new(cargo);
    // `cargo run` tells us about this package. A build script that looks at these variables
    // would take that for a change, and half of the dependencies would be built again.
    for (variable, _) in env::vars_os() {
        let text = variable.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            build.env_remove(&variable);
        }
    }
    build.args(["build", "--quiet", "--bin", "gardener", "--example", "demo", "--profile", &profile]);
    build.args(triple.iter().flat_map(|t| ["--target", t]));
    build.arg("--target-dir").arg(target);
    build.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let status = build.stdin(Stdio::null()).status().map_err(|e| format!("cargo build: {e}"))?;
    if !status.success() || !program.is_file() {
        return Err(format!("cargo could not build {}", program.display()).into());
    }
    Ok(program)
}
