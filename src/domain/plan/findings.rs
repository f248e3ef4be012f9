//! Collects what an import finds: errors that refuse the plan, notes that accompany it.
//!
//! A mendable fault is an error without repair and a note with it. Both lists are bounded by
//! [`MAX_PROBLEMS`], however bad the file.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::path::JsonPath;
use super::problem::{MAX_PROBLEMS, Problem, code};

/// How much of a file's own text a message repeats, in characters.
const QUOTE_LENGTH: usize = 60;

/// A fault that repair can mend.
pub(super) struct Fault {
    pub code: &'static str,
    /// What is wrong, as a sentence without its stop.
    pub wrong: String,
    /// What the author can do, as an imperative.
    pub advice: String,
    /// What repair does, in the third person.
    pub mend: String,
}

/// The lists of one import.
pub(super) struct Findings {
    repair: bool,
    errors: Problems,
    notes: Problems,
    unknown_fields: BTreeMap<(&'static str, String), Seen>,
}

/// Where something was found first, and how often in all.
struct Seen {
    first: String,
    times: usize,
}

impl Findings {
    pub fn new(repair: bool) -> Self {
        Self { repair, errors: Problems::default(), notes: Problems::default(), unknown_fields: BTreeMap::new() }
    }

    /// Whether faults are mended.
    pub fn repairs(&self) -> bool {
        self.repair
    }

    /// Whether nothing stands against the plan so far.
    pub fn is_sound(&self) -> bool {
        self.errors.kept.is_empty()
    }

    /// Records a fault that nothing but its author can mend.
    pub fn error(&mut self, path: &impl Display, code: &'static str, message: String) {
        self.errors.push(path, code, message);
    }

    /// Records a peculiarity that does not stand against the plan.
    pub fn note(&mut self, path: &impl Display, code: &'static str, message: String) {
        self.notes.push(path, code, message);
    }

    /// Records a fault that repair mends. The caller goes on with the mended value either way, so
    /// that the rest of the file is looked at too.
    pub fn mendable(&mut self, path: &impl Display, fault: Fault) {
        let Fault { code, wrong, advice, mend } = fault;
        if self.repair {
            self.notes.push(path, code, format!("{wrong}; repair {mend}"));
        } else {
            let message = format!("{wrong}; {advice} (repair {mend})");
            self.errors.push(path, code, message);
        }
    }

    /// Records a field that the format does not know.
    pub fn unknown_field(&mut self, kind: &'static str, path: &JsonPath<'_>, name: &str) {
        self.unknown_fields
            .entry((kind, name.to_owned()))
            .and_modify(|seen| seen.times += 1)
            .or_insert_with(|| Seen { first: path.field(name).to_string(), times: 1 });
    }

    /// The notes of an accepted plan, or the errors that refuse it.
    pub fn finish(mut self, root: &str) -> Result<Vec<Problem>, Vec<Problem>> {
        if !self.is_sound() {
            return Err(self.errors.finish(root));
        }
        for ((kind, name), seen) in std::mem::take(&mut self.unknown_fields) {
            let name = quoted(&name);
            let times = seen.times;
            let message = format!("{name} in a {kind} is not of the format; it is kept (times found: {times})");
            self.notes.push(&seen.first, code::UNKNOWN_FIELD, message);
        }
        Ok(self.notes.finish(root))
    }
}

/// A bounded list that counts what it has no room for.
#[derive(Default)]
struct Problems {
    kept: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    fn push(&mut self, path: &impl Display, code: &'static str, message: String) {
        if self.kept.len() < MAX_PROBLEMS {
            self.kept.push(Problem { path: path.to_string(), code, message });
        } else {
            self.left_out += 1;
        }
    }

    fn finish(mut self, root: &str) -> Vec<Problem> {
        if self.left_out > 0 {
            self.kept.push(Problem {
                path: root.to_owned(),
                code: code::MORE_PROBLEMS,
                message: format!("{} more are not shown", self.left_out),
            });
        }
        self.kept
    }
}

/// Text of the file, quoted for a message and cut when long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTE_LENGTH) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_thousand_problems_are_kept_and_a_last_one_counts_the_rest() {
        let mut findings = Findings::new(false);
        for index in 0..1_234 {
            findings.error(&index, code::WRONG_TYPE, String::new());
        }
        let errors = findings.finish("$.plan").unwrap_err();
        assert_eq!(errors.len(), MAX_PROBLEMS + 1);
        let last = errors.last().unwrap();
        assert_eq!((last.code, last.path.as_str()), (code::MORE_PROBLEMS, "$.plan"));
        assert_eq!(last.message, "234 more are not shown");
    }

    #[test]
    fn long_text_is_cut_in_messages() {
        assert_eq!(quoted("17-1"), r#""17-1""#);
        assert!(quoted(&"ä".repeat(500)).chars().count() < 70);
    }
}
