//! Pages and charts as text: HTML in which foreign text can only be text, and small SVG.
//!
//! Floor 1, pure. [`Markup`] writes elements. Names of elements and attributes are gardener's own,
//! whatever comes from elsewhere goes through one door that cleans and escapes it, and a link leads
//! only where an [`Address`] can. [`chart`] draws with it. What a page says is for others; there are
//! no scripts, no styles and no pictures from elsewhere.

mod address;
pub mod chart;
mod markup;

pub use address::Address;
pub use markup::{Attribute, Markup, Said};
