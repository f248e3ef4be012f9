//! Which modules a script runs: what it imports, and what that imports, read from their text.
//!
//! It understands import and export statements as they are written in `static/`: at the beginning of a line, ended by a semicolon,
//! with a relative path. `import()` is a call, which runs later or never, and in a comment it names a type; neither is meant here.

use std::collections::HashSet;

/// All modules that the scripts import, directly or not, the nearest first, each once, without the scripts themselves.
pub fn imported_by<'site>(scripts: &[&str], text: impl Fn(&str) -> Option<&'site str>) -> Vec<String> {
    let mut seen: HashSet<String> = scripts.iter().map(|&script| script.to_owned()).collect();
    let mut found: Vec<String> = scripts.iter().map(|&script| script.to_owned()).collect();
    let mut next = 0;
    while let Some(module) = found.get(next).cloned() {
        for path in text(&module).into_iter().flat_map(imports) {
            let path = beside(&module, path);
            if seen.insert(path.clone()) {
                found.push(path);
            }
        }
        next += 1;
    }
    found.split_off(scripts.len())
}

/// What a module's statements import, as it is written.
fn imports(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        if line.trim_start().starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if is_import(line) {
            let (statement, after) = rest.split_once(';').unwrap_or((rest, ""));
            found.extend(source(statement));
            rest = after;
        } else {
            rest = &rest[line.len()..];
        }
    }
    found
}

fn is_import(line: &str) -> bool {
    ["import ", "import{", "import'", "import\"", "import*", "export *", "export {"]
        .iter()
        .any(|word| line.starts_with(word))
}

/// The module that a statement names at its end; `None` when it is an export of the module's own.
fn source(statement: &str) -> Option<&str> {
    let statement = statement.trim_end();
    let quote = statement.chars().last().filter(|last| matches!(last, '\'' | '"'))?;
    statement[..statement.len() - 1].rsplit_once(quote).map(|(_, source)| source)
}

/// The path that is meant by a relative one in the module `from`.
fn beside(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_imports_and_calls_and_comments_are_not() {
        let text = "/**\n * See `import './comment.js';`.\n * @module\n */\n\nimport { a, b } from './a.js';\nimport './side.js';\n\
                    import * as c from \"../c.js\";\nimport {\n  d,\n  e,\n} from './deep/d.js';\nexport * from './f.js';\n\
                    export { g as default } from './g.js';\nexport { a };\n// import './line.js';\n\
                    /** @typedef {import('./type.js').Type} Type */\n/* one */ const x = 1;\n\
                    export const later = () => import('./later.js');\n  import './indented.js';\nconst s = 'import';\n\
                    /** @param {import('./parameter.js').P} p */ export function f(p) {}\nimport h from './h.js';";
        let expected = ["./a.js", "./side.js", "../c.js", "./deep/d.js", "./f.js", "./g.js", "./h.js"];
        assert_eq!(imports(text), expected);
        assert_eq!(imports("/* never ends"), [""; 0]);
        assert_eq!(imports("import './last.js'"), ["./last.js"]);
    }

    #[test]
    fn modules_are_found_through_others_once_and_in_circles_too() {
        let text = |path: &str| match path {
            "js/page.js" => Some("import './view/map.js';\nimport './live/room.js';\n"),
            "js/view/map.js" => Some("import '../model/plan.js';\nimport '../live/room.js';\n"),
            "js/live/room.js" => Some("import '../model/plan.js';\nimport '../page.js';\n"),
            _ => None,
        };
        assert_eq!(imported_by(&["js/page.js"], text), ["js/view/map.js", "js/live/room.js", "js/model/plan.js"]);
        assert_eq!(imported_by(&[], text), [""; 0]);
    }
}
