//! The stand-in on its own, to try gardener by hand: prints what to put into the
//! environment and runs until its standard input ends.
//!
//!     cargo run -p github-stand-in --example serve

use std::io::Read as _;

use github_stand_in::{GitHub, Permission, StandIn};

fn main() {
    let mut github = GitHub::at("2026-03-01T12:00:00Z");
    // As if each request took a second: edits that follow each other have times that do, too.
    github.clock.tick = 1;
    github.add_repo("acme/app");
    github.add_token("demo-token", "ann");
    github.grant("ann", "acme/app", Permission::Write);
    github.grant("bob", "acme/app", Permission::Write);
    for label in ["P0", "P1", "P2", "P3", "bug"] {
        github.add_label("acme/app", label, "ededed");
    }
    github.create_issue_as("bob", "acme/app", "Login times out", "Every third time.", &["bug", "P2"]);
    let server = StandIn::start(github);
    println!("export GITHUB_API_URL={} GH_TOKEN=demo-token", server.url());
    println!("git remote add origin https://github.com/acme/app.git");
    // Whoever started it ends it by closing its input.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
