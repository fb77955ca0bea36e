//! Writes an [`Output`]: whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tempfile::{Builder, NamedTempFile};
use tokio::runtime;
use tokio::task::spawn_blocking;

use crate::build::archive;
use crate::build::contents::Contents;
use crate::build::output::Output;
use crate::interrupt::interrupt;

/// Writes the file and returns its size. The file is complete or not written at all, even after an interrupt.
pub(crate) fn write(output: &Output, contents: &Contents, executable: &Path) -> Result<u64> {
    let path = output.path();
    let write = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(write)?;
    }
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let written = runtime.block_on(async {
        tokio::select! {
            biased; // waits for interrupts before there is a file to remove
            () = interrupt() => Err(anyhow!("interrupted")),
            size = replace(output, contents.clone(), executable.to_owned()) => size,
        }
    });
    // After an interrupt a thread may still write to the removed file.
    runtime.shutdown_background();
    written.with_context(write)
}

/// Writes a hidden file and renames it to the output. If this is cancelled, the hidden file is removed.
async fn replace(output: &Output, contents: Contents, executable: PathBuf) -> Result<u64> {
    let folder = output.path().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (file, unfinished) = unfinished_in(folder, output)?.into_parts();
    let to = output.clone();
    let size = spawn_blocking(move || write_to(&to, file, &contents, &executable)).await??;
    unfinished.persist(output.path())?;
    Ok(size)
}

/// Creates a hidden file in the folder.
fn unfinished_in(folder: &Path, output: &Output) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".mayfly-").suffix(".unfinished");
    #[cfg(unix)]
    builder.permissions(mode(output));
    builder.tempfile_in(folder)
}

/// Returns the mode of the file; the system applies the umask.
#[cfg(unix)]
fn mode(output: &Output) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(match output {
        Output::Executable(_) => 0o777,
        Output::Zip(_) => 0o666,
    })
}

fn write_to(output: &Output, mut file: File, contents: &Contents, executable: &Path) -> Result<u64> {
    let file = match output {
        Output::Executable(_) => {
            io::copy(&mut File::open(executable)?, &mut file)?;
            make_executable(&file)?;
            file
        }
        Output::Zip(_) => archive::write(contents, file)?,
    };
    Ok(file.metadata()?.len())
}

/// Makes the file executable for everyone, regardless of the umask, since it is for another machine.
#[cfg(unix)]
fn make_executable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &File) -> io::Result<()> {
    Ok(())
}
