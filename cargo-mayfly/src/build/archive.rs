//! Writes a reproducible zip: the same contents always give the same bytes.

use std::fs::File;
use std::io::{self, Seek, Write};

use anyhow::{Context as _, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::build::contents::Contents;

/// Writes a zip. Names are sorted, all files have the same time, and modes keep only whether a file is executable.
pub(crate) fn write<W: Write + Seek>(contents: &Contents, to: W) -> Result<W> {
    let mut zip = ZipWriter::new(to);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT);
    for (name, file) in contents.files() {
        let mode = if file.is_executable { 0o755 } else { 0o644 };
        let read = || format!("cannot read {}", file.path.display());
        let mut source = File::open(&file.path).with_context(read)?;
        zip.start_file(name, options.unix_permissions(mode))?;
        io::copy(&mut source, &mut zip).with_context(read)?;
    }
    Ok(zip.finish()?)
}
