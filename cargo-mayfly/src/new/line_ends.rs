//! Restores the line ends and the byte order mark of an edited file.

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Restores in an edited text, whose lines end in `\n`, the byte order mark and the line ends of the original. New
/// lines end as the first line does.
pub(crate) fn restored(original: &str, edited: &str) -> String {
    let mark = original.starts_with(BYTE_ORDER_MARK).then_some(BYTE_ORDER_MARK);
    let original = original.trim_start_matches(BYTE_ORDER_MARK);
    let new_end = original.split_inclusive('\n').next().filter(|line| line.ends_with("\r\n")).map_or("\n", |_| "\r\n");
    let edited: Vec<_> = edited.trim_start_matches(BYTE_ORDER_MARK).split_inclusive('\n').map(content).collect();
    let mut before = original.split_inclusive('\n').peekable();
    let mut text: String = mark.into_iter().collect();
    for (at, line) in edited.iter().enumerate() {
        // A line of the original that does not follow any more was changed, maybe into this one.
        while before.next_if(|old| content(old) != *line && !edited[at..].contains(&content(old))).is_some() {}
        let old = before.next_if(|old| content(old) == *line);
        match old.filter(|old| old.ends_with('\n') || at + 1 == edited.len()) {
            Some(old) => text.push_str(old),
            None => text.extend([line, new_end]),
        }
    }
    text
}

fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unedited_lines_keep_their_bytes_and_new_lines_end_as_the_first_line() {
        for (original, edited, expected) in [
            ("a\r\nb\r\n", "a\nnew\nb\n", "a\r\nnew\r\nb\r\n"),
            ("\u{feff}a\nb\n", "a\nb\nnew\n", "\u{feff}a\nb\nnew\n"),
            ("\u{feff}a\r\n", "\u{feff}a\nnew\n", "\u{feff}a\r\nnew\r\n"),
            ("a\r\nb\nc\r\n", "a\nb2\nc\n", "a\r\nb2\r\nc\r\n"),
            ("a\nb\r\n\r\nc\n", "a\nb\n\nc\n\nd\n", "a\nb\r\n\r\nc\n\nd\n"),
            ("a\r\nb", "a\nb\nnew\n", "a\r\nb\r\nnew\r\n"),
            ("a\r\nb", "a\nb", "a\r\nb"),
            ("", "new\n", "new\n"),
        ] {
            assert_eq!(restored(original, edited), expected, "{original:?}");
        }
    }
}
