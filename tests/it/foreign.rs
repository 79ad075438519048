//! Foreign text on all its ways through the program (promise P10): what a worklog says reaches
//! GitHub and mentions, links, closes, hides and forges nothing; what GitHub says reaches the
//! terminal, a CI log, a script and a worklog, and drives none of them.
//!
//! The payloads are one table; every one of them goes every way.

mod forged;
mod inbound;
mod laws;
mod oracle;
mod outbound;
mod payloads;
mod yaml;
