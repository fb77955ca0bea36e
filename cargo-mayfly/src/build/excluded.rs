//! [`Excluded`]: the entries of included folders that are left out of a zip unless they are named themselves.

use std::fs;
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::build::output::Output;
use crate::lambda::runtime::BOOTSTRAP;

const REPOSITORIES: [&str; 4] = [".git", ".hg", ".svn", ".jj"];
const SECRETS: [&str; 10] =
    [".aws", ".git-credentials", ".gnupg", ".netrc", ".npmrc", ".pypirc", ".ssh", "id_ecdsa", "id_ed25519", "id_rsa"];
/// The endings of an example of a `.env` file, which has no secrets.
const EXAMPLES: [&str; 4] = ["example", "sample", "template", "dist"];
/// The extensions of files that may have a private key.
const KEYS: [&str; 4] = ["pem", "key", "p12", "pfx"];

/// The folders that builds write to.
#[derive(Debug)]
pub(crate) struct Excluded {
    target: PathBuf,
    /// The folder of `--outdir`.
    output: PathBuf,
}

impl Excluded {
    /// Takes cargo's target directory and the folder of `--outdir`.
    pub(crate) fn new(target: &Path, output: &Path) -> Self {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self { target: canonical(target), output: canonical(output) }
    }

    /// Returns why an entry is left out: it is a repository, a secret, a cache, the output of a build, or a link to one
    /// of these.
    pub(crate) fn reason(&self, path: &Path) -> Option<&'static str> {
        let behind = || path.canonicalize().ok().filter(|_| path.is_symlink());
        self.own_reason(path).or_else(|| self.own_reason(&behind()?))
    }

    fn own_reason(&self, path: &Path) -> Option<&'static str> {
        let name = path.file_name()?.to_str()?;
        let is_cache = || path.join("CACHEDIR.TAG").is_file() || path.canonicalize().is_ok_and(|it| it == self.target);
        if REPOSITORIES.contains(&name) {
            Some("a repository")
        } else if is_secret(path, name) {
            Some("a secret")
        } else if path.is_dir() && is_cache() {
            Some("a cache")
        } else if self.is_of_a_build(path, name) {
            Some("output of a build")
        } else {
            None
        }
    }

    fn is_of_a_build(&self, path: &Path, name: &str) -> bool {
        let output = match name.rsplit_once('.') {
            Some((_, "zip")) => Output::Zip(path.to_owned()),
            None if name == BOOTSTRAP => Output::Executable(path.to_owned()),
            _ => return false,
        };
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        folder.is_some_and(|folder| folder == self.output) && path.is_file() && output.is_of_a_build()
    }
}

fn is_secret(path: &Path, name: &str) -> bool {
    let is_environment = match name.strip_prefix(".env") {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix('.').is_some_and(|rest| EXAMPLES.iter().all(|example| !rest.ends_with(example)))
        }
        None => false,
    };
    is_environment || SECRETS.contains(&name) || is_key(path)
}

/// Returns whether a file has a private key; certificates have the same extensions.
fn is_key(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.filter(|ending| KEYS.contains(ending) && path.is_file()) {
        Some("p12" | "pfx") => true,
        Some(_) => fs::read(path).is_ok_and(|text| memmem::find(&text, b"PRIVATE KEY").is_some()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_caches_and_repositories_are_left_out_but_files_that_only_look_like_them_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let excluded = Excluded::new(&folder.path().join("target"), folder.path());
        for (file, text, reason) in [
            (".env", "", Some("a secret")),
            (".env.production", "", Some("a secret")),
            (".env.example", "", None),
            (".environment", "", None),
            ("env", "", None),
            ("own.pem", "-----BEGIN EC PRIVATE KEY-----", Some("a secret")),
            ("global-bundle.pem", "-----BEGIN CERTIFICATE-----", None),
            ("translation.key", "a = b", None),
            ("store.p12", "", Some("a secret")),
            ("id_rsa", "", Some("a secret")),
            ("id_rsa.pub", "", None),
            ("data.zip", "no zip at all", None),
            ("bootstrap", "#!/bin/sh", None),
            (".gitignore", "", None),
        ] {
            let path = folder.path().join(file);
            fs::write(&path, text).unwrap();
            assert_eq!(excluded.reason(&path), reason, "{file}");
        }
        for (name, reason) in
            [(".git", Some("a repository")), ("target", Some("a cache")), ("src", None), (".ssh", Some("a secret"))]
        {
            fs::create_dir(folder.path().join(name)).unwrap();
            assert_eq!(excluded.reason(&folder.path().join(name)), reason, "{name}");
        }
        #[cfg(unix)]
        for (link, target, reason) in [("link", ".env", Some("a secret")), ("plain", ".env.example", None)] {
            std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
            assert_eq!(excluded.reason(&folder.path().join(link)), reason, "{link}");
        }
        fs::write(folder.path().join("src/CACHEDIR.TAG"), "").unwrap();
        assert_eq!(excluded.reason(&folder.path().join("src")), Some("a cache"));
    }
}
