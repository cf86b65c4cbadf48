//! Tesseract's table of words. Comes in: its rows, parted by tabs, from a program that may have been subverted. Goes out:
//! the lines that it is sure of.

/// Lines of which the program is less sure, of a hundred, are patterns and stains.
const SURE: f32 = 60.0;
/// No page has more text, in bytes.
const LONGEST: usize = 256 << 10;
/// Level, page, block, paragraph, line, word, the word's box of four numbers, how sure it is (0 to 100), the word.
const COLUMNS: usize = 12;

/// The lines that are sure; paragraphs are parted by an empty line.
pub fn lines(table: &str) -> String {
    let mut text = String::new();
    let (mut at, mut paragraph) = (Vec::new(), Vec::new());
    let (mut words, mut sure): (Vec<&str>, Vec<f32>) = (Vec::new(), Vec::new());
    let rows = table.lines();
    let rows = rows.map(|row| row.split('\t').take(COLUMNS + 1).collect::<Vec<_>>());
    let rows = rows.filter(|row| row.len() == COLUMNS && row[0] == "5");
    for row in rows.map(Some).chain([None]) {
        let here = row.as_ref().map_or(Vec::new(), |row| row[1..5].to_vec());
        if here != at {
            #[expect(clippy::cast_precision_loss, reason = "no line has so many words")]
            let mean = sure.iter().sum::<f32>() / sure.len().max(1) as f32;
            let line = words.join(" ");
            let fits = text.len() + line.len() + 2 <= LONGEST;
            if fits && mean >= SURE && line.chars().any(char::is_alphanumeric) {
                let own = at[..3].to_vec();
                if !text.is_empty() && own != paragraph {
                    text.push('\n');
                }
                paragraph = own;
                text.push_str(&line);
                text.push('\n');
            }
            (words, sure, at) = (Vec::new(), Vec::new(), here);
        }
        if let Some(row) = row.filter(|row| !row[11].trim().is_empty()) {
            words.push(row[11].trim());
            sure.push(row[10].parse().unwrap_or(0.0));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn sure_lines_are_read_and_stains_are_not() {
        let row = |place: &str, sure: &str, word: &str| {
            format!("5\t1\t{place}\t1\t0\t0\t9\t9\t{sure}\t{word}\n")
        };
        let table = [
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n".into(),
            "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t\n".into(),
            row("1\t1\t1", "96.5", "Вилоят"),
            row("1\t1\t1", "91", "ҳокими"),
            row("1\t1\t2", "88", "келди."),
            row("2\t1\t1", "21", "~~|_"),
            row("3\t1\t1", "95", "Анжуман"),
        ];
        assert_eq!(lines(&table.concat()), "Вилоят ҳокими\nкелди.\n\nАнжуман\n");
        assert_eq!(lines("5\tno table"), "");
    }

    #[test]
    fn a_page_without_end_is_cut() {
        let row = |line: usize| format!("5\t1\t1\t1\t{line}\t1\t0\t0\t9\t9\t95\tword\n");
        let table: String = (0..100_000).map(row).collect();
        let text = lines(&table);
        assert!(text.len() <= super::LONGEST && text.len() > super::LONGEST - 10);
    }
}
