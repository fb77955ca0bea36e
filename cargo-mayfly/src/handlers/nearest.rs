//! The names that somebody may have meant.

/// The most that are suggested.
const MOST: usize = 3;

/// The names that are a typing mistake or two away from `wanted`, or that differ only in the path before the last segment;
/// the nearest first. It is the runtime's own choice, so that both say the same.
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
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
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
