//! Finds the packages that depend on mayfly, directly or through a crate that re-exports it.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};

const MAYFLY: &str = "mayfly";

/// Finds the members that depend on mayfly, or on a member that does. Only if there are none are the packages outside
/// of the workspace considered, since resolving all of them takes a while.
pub(crate) fn mayfly(members: &[&Package], resolved: impl FnOnce() -> Option<Metadata>) -> BTreeSet<PackageId> {
    let among = among(members);
    if among.is_empty() { resolved().map(|all| through(&all)).unwrap_or_default() } else { among }
}

/// Returns the members that depend on mayfly, directly or through other members.
fn among(members: &[&Package]) -> BTreeSet<PackageId> {
    let mut reaching: BTreeSet<PackageId> = BTreeSet::new();
    loop {
        let reaches = |package: &&&Package| {
            let is_member = |name: &str, path: &cargo_metadata::camino::Utf8Path| {
                let of_name = |member: &&&Package| *member.name == name && member.manifest_path.parent() == Some(path);
                members.iter().find(of_name).is_some_and(|member| reaching.contains(&member.id))
            };
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal).any(
                |dependency| {
                    dependency.name == MAYFLY
                        || dependency.path.as_deref().is_some_and(|path| is_member(&dependency.name, path))
                },
            )
        };
        let further: Vec<_> = members.iter().filter(reaches).map(|package| package.id.clone()).collect();
        let before = reaching.len();
        reaching.extend(further);
        if reaching.len() == before {
            return reaching;
        }
    }
}

/// Returns the packages that depend on mayfly through any other packages.
fn through(all: &Metadata) -> BTreeSet<PackageId> {
    let named = all.packages.iter().filter(|package| *package.name == MAYFLY);
    let mut reaching: BTreeSet<PackageId> = named.map(|package| package.id.clone()).collect();
    let nodes = all.resolve.as_ref().map(|resolve| resolve.nodes.as_slice()).unwrap_or_default();
    loop {
        let reaches = |node: &&cargo_metadata::Node| {
            let is_normal =
                |kinds: &[cargo_metadata::DepKindInfo]| kinds.iter().any(|info| info.kind == DependencyKind::Normal);
            node.deps.iter().any(|dependency| is_normal(&dependency.dep_kinds) && reaching.contains(&dependency.pkg))
        };
        let further: Vec<_> = nodes.iter().filter(reaches).map(|node| node.id.clone()).collect();
        let before = reaching.len();
        reaching.extend(further);
        if reaching.len() == before {
            return reaching;
        }
    }
}
