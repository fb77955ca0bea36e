//! `describe`: the machine that the figures are from.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

/// Describes the machine in a line, without the parts that cannot be found out.
#[must_use]
pub fn line() -> String {
    let cpuinfo = read("/proc/cpuinfo");
    let value = |text: &str, key: &str, separator: char| {
        let mut lines = text.lines().filter_map(|line| line.split_once(separator));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let is_virtual = cpuinfo.lines().any(|line| line.starts_with("flags") && line.ends_with("hypervisor"))
        || cpuinfo.contains(" hypervisor ");
    let cores = available_parallelism().map_or(1, usize::from);
    let parts = [
        value(&cpuinfo, "model name", ':').map(|cpu| {
            let kind = if is_virtual { "virtual machine with " } else { "" };
            format!("{kind}{cores} CPUs, {cpu}")
        }),
        Some(format!("Linux {}", read("/proc/sys/kernel/osrelease").trim())),
        value(&read("/etc/os-release"), "PRETTY_NAME", '='),
        rustc(),
        Some(format!("load {} at the end", read("/proc/loadavg").split(' ').next().unwrap_or_default())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn rustc() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok()?;
    let version = String::from_utf8(version.stdout).ok()?;
    Some(version.split(' ').take(2).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_line_names_the_parts_that_the_figures_depend_on() {
        let line = super::line();
        for part in ["CPUs, ", "Linux ", "rustc 1."] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!line.contains('\n'), "{line}");
    }
}
