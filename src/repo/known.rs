//! What is known of worklogs that nobody has touched since: a file that may be deleted at any time.
//!
//! A record counts only where all that it was made from is the same: the file by device, inode, size
//! and both of its times, the blob that HEAD and the index have of it, no filter on the way, and the
//! `realm`, which is whatever else the notes depend on. A file that was written while or shortly before
//! it was read is never recorded ([`Stamp::is_before`]), so that a later write can't hide in the same
//! instant. What a note says is the business of whoever writes it; one that does not fit its checksum,
//! comes from another version, or can't be read counts as none.

use std::collections::BTreeMap;

use crate::effect::{ReadError, Stamp};
use crate::repo::Repo;

/// The first bytes of the file. Whoever changes what is in it counts up.
const MARK: &[u8] = b"gardener-known 1\n";

/// The most that is read of it.
const CAP: u64 = 256 << 20;

/// What is known, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What else the notes depend on.
    pub realm: Vec<u8>,
    pub(super) records: BTreeMap<String, Record>,
}

/// What is known of a file that is in the work tree as it is in HEAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) stamp: Stamp,
    /// The blob.
    pub(super) head: git2::Oid,
    pub(super) note: Vec<u8>,
}

impl Known {
    /// The bytes of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        let part = |bytes: &mut Vec<u8>, part: &[u8]| {
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend(part);
        };
        part(&mut bytes, &self.realm);
        for (path, record) in &self.records {
            part(&mut bytes, path.as_bytes());
            let Stamp { file: (device, inode), size, times: [written, changed] } = record.stamp;
            for number in [device, inode, size] {
                bytes.extend(number.to_le_bytes());
            }
            for number in [written.0, written.1, changed.0, changed.1] {
                bytes.extend(number.to_le_bytes());
            }
            part(&mut bytes, record.head.as_bytes());
            part(&mut bytes, &record.note);
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// What the bytes of the file say; `None` where they are damaged.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(bytes) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut rest = Rest(bytes.strip_prefix(MARK)?);
        let realm = rest.part()?.to_vec();
        let mut records = BTreeMap::new();
        while !rest.0.is_empty() {
            let path = std::str::from_utf8(rest.part()?).ok()?.to_owned();
            let number = |rest: &mut Rest<'_>| rest.eight().map(u64::from_le_bytes);
            let (file, size) = ((number(&mut rest)?, number(&mut rest)?), number(&mut rest)?);
            let time = |rest: &mut Rest<'_>| {
                Some((rest.eight().map(i64::from_le_bytes)?, rest.eight().map(i64::from_le_bytes)?))
            };
            let times = [time(&mut rest)?, time(&mut rest)?];
            let head = git2::Oid::from_bytes(rest.part()?).ok()?;
            let note = rest.part()?.to_vec();
            records.insert(path, Record { stamp: Stamp { file, size, times }, head, note });
        }
        Some(Self { realm, records })
    }
}

/// Bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn eight(&mut self) -> Option<[u8; 8]> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(*first)
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some(part)
    }
}

impl Repo {
    /// Where it is kept: a work tree has its own.
    pub(super) fn known_file(&self) -> std::path::PathBuf {
        self.private_folder().join("known")
    }

    /// What is known of this work tree's files; nothing where that can't be read.
    pub fn known(&self) -> Known {
        match self.disk.read(&self.known_file(), CAP) {
            Ok(bytes) => Known::from_bytes(&bytes).unwrap_or_default(),
            // A missing file is the usual case; any other is no worse.
            Err(ReadError::Io(_) | ReadError::Link | ReadError::NotAFile | ReadError::TooLarge(_)) => {
                Known::default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let record = |n: u64| Record {
            stamp: Stamp { file: (n, 2), size: 3, times: [(4, 5), (-6, 7)] },
            head: git2::Oid::from_bytes(&[9; 20]).expect("an id"),
            note: vec![1; usize::try_from(n).expect("small")],
        };
        let records = [("w/a.md".to_owned(), record(0)), ("w/b.md".to_owned(), record(11))];
        Known { realm: vec![8, 8], records: records.into() }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Known::from_bytes(&known().to_bytes()), Some(known()));
        assert_eq!(Known::from_bytes(&Known::default().to_bytes()), Some(Known::default()));
    }

    #[test]
    fn what_is_damaged_counts_as_nothing() {
        let bytes = known().to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(Known::from_bytes(&bytes[..end]), None, "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1 << (at % 8);
            assert_eq!(Known::from_bytes(&other), None, "changed at {at}");
        }
        // Lengths that lie, under a checksum that fits.
        for length in [0_u32, 5, u32::MAX] {
            let mut other = bytes[..bytes.len() - 4].to_vec();
            let at = MARK.len();
            other[at..at + 4].copy_from_slice(&length.to_le_bytes());
            other.extend(crc32fast::hash(&other).to_le_bytes());
            assert_ne!(Known::from_bytes(&other), Some(known()), "{length}");
        }
    }
}
