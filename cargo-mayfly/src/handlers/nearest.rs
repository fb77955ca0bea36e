//! Suggestions for a misspelt name.

/// The largest number of suggestions.
const MAX_SUGGESTIONS: usize = 3;

/// Returns the names that differ from `wanted` by a few characters, or only before the last path segment, nearest
/// first. The runtime has the same rule, so that both suggest the same names.
pub(crate) fn of<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_lowercase();
    let mut near: Vec<_> = names
        .filter_map(|name| {
            let distance = strsim::levenshtein(&name.to_lowercase(), &wanted.to_lowercase());
            let is_near = distance <= wanted.len() / 3 || last(name) == last(wanted);
            is_near.then(|| (distance, format!("`{name}`")))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_others_are_left_out() {
        let names = ["my_app::orders::place", "my_app::orders::cancel", "my_app::price"];
        for (wanted, nearest) in [
            ("my_app::orders::plaec", &["`my_app::orders::place`", "`my_app::orders::cancel`"][..]),
            ("My_App::Price", &["`my_app::price`"]),
            ("cancel", &["`my_app::orders::cancel`"]),
            ("my_app::prices", &["`my_app::price`"]),
            ("nothing", &[]),
        ] {
            assert_eq!(of(wanted, names.into_iter()), nearest, "{wanted}");
        }
    }
}
