//! The enabled features of a package.

use std::collections::BTreeSet;

use cargo_metadata::Package;

use crate::opts::FeatureFlags;

/// The features that cargo enables for a selected package, including those that other features enable.
pub(crate) struct Features(BTreeSet<String>);

impl Features {
    /// Follows the flags through `[features]` of the package.
    pub(crate) fn on(package: &Package, flags: &FeatureFlags) -> Self {
        let named = flags.features.iter().flat_map(|names| names.split([',', ' '])).filter(|name| !name.is_empty());
        // `my-app/metrics` is the feature `metrics` of the package `my-app`.
        let own = |name: &str| match name.split_once('/') {
            Some((of, feature)) if *package.name == of => feature.to_owned(),
            _ => name.to_owned(),
        };
        let mut waiting: Vec<_> = named.map(own).collect();
        if flags.all_features {
            waiting.extend(package.features.keys().cloned());
        }
        if !flags.no_default_features {
            waiting.push("default".to_owned());
        }
        let mut on = BTreeSet::new();
        while let Some(feature) = waiting.pop() {
            // `sqlx/postgres` enables the optional dependency as well, `sqlx?/postgres` does not.
            let dependency = feature.split_once('/').filter(|(dependency, _)| !dependency.ends_with('?'));
            waiting.extend(dependency.map(|(dependency, _)| dependency.to_owned()));
            let of_it = package.features.get(&feature).cloned().unwrap_or_default();
            if on.insert(feature) {
                waiting.extend(of_it);
            }
        }
        Self(on)
    }

    /// Returns the features that are disabled.
    pub(crate) fn missing(&self, required: &[String]) -> Vec<String> {
        required.iter().filter(|feature| !self.0.contains(*feature)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn features_are_followed_as_cargo_does() {
        let package: Package = serde_json::from_value(json!({
            "name": "my-app", "version": "0.1.0", "id": "path+file:///my-app#0.1.0", "manifest_path": "/my-app/Cargo.toml",
            "dependencies": [], "targets": [], "metadata": null, "source": null, "description": null, "license": null,
            "license_file": null, "readme": null, "repository": null, "homepage": null, "documentation": null,
            "edition": "2024", "links": null, "publish": null, "default_run": null, "rust_version": null,
            "authors": [], "categories": [], "keywords": [],
            "features": {
                "default": ["http"], "http": [], "admin": ["db", "sqlx/postgres", "log?/std"],
                "db": ["dep:sqlx"], "sqlx": ["dep:sqlx"], "a": ["b"], "b": ["a"]
            },
        }))
        .expect("a package");
        for (named, all, no_default, required, missing) in [
            (&[][..], false, false, &["http"][..], &[][..]),
            (&[], false, true, &["http"], &["http"]),
            (&[], false, false, &["db", "http"], &["db"]),
            (&["admin,a"], false, false, &["db", "sqlx", "sqlx/postgres", "b"], &[]),
            (&["admin"], false, false, &["log"], &["log"]),
            (&["a my-app/db"], false, false, &["a", "db"], &[]),
            (&["other/db"], false, false, &["db"], &["db"]),
            (&[], true, true, &["db", "http", "b"], &[]),
        ] {
            let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
            let flags = FeatureFlags { features: owned(named), all_features: all, no_default_features: no_default };
            assert_eq!(Features::on(&package, &flags).missing(&owned(required)), owned(missing), "{named:?}");
        }
    }
}
