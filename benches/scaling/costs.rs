//! The measured costs, as `costs.tsv` has them: a line for each, with its unit, how far it can be trusted, and where it is from.

use std::path::Path;

/// All costs, in the file's order.
pub struct Costs {
    /// What the file begins with.
    notes: Vec<String>,
    costs: Vec<Cost>,
}

/// One cost.
#[derive(Clone, Debug)]
pub struct Cost {
    pub name: String,
    pub value: f64,
    pub unit: String,
    /// `measured`, `provisional` (measured elsewhere or before), or `assumed`.
    pub state: String,
    /// The command that measures it, or whoever says so.
    pub source: String,
    pub meaning: String,
}

impl Costs {
    /// Reads the file.
    ///
    /// # Panics
    /// When a line is not six columns, or a value no number.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (notes, lines): (Vec<&str>, Vec<&str>) =
            text.lines().filter(|line| !line.is_empty()).partition(|line| line.starts_with('#'));
        let costs = lines.into_iter().map(|line| Cost::read(line).unwrap_or_else(|| panic!("not a cost: {line}")));
        Self { notes: notes.into_iter().map(ToOwned::to_owned).collect(), costs: costs.collect() }
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) {
        let lines = self.notes.iter().cloned().chain(self.costs.iter().map(Cost::line));
        let text: String = lines.map(|line| line + "\n").collect();
        std::fs::write(path, text).expect("the file can be written");
    }

    /// A cost's value, in its unit.
    ///
    /// # Panics
    /// When there is no such cost.
    pub fn get(&self, name: &str) -> f64 {
        self.costs.iter().find(|cost| cost.name == name).unwrap_or_else(|| panic!("no cost is called {name}")).value
    }

    /// Takes over what was measured just now.
    ///
    /// # Panics
    /// When there is no such cost.
    pub fn measured(&mut self, name: &str, value: f64) -> &Cost {
        let known = self.costs.iter_mut().find(|cost| cost.name == name);
        let cost = known.unwrap_or_else(|| panic!("no cost is called {name}"));
        (cost.value, cost.state) = (value, "measured".into());
        cost
    }

    pub fn all(&self) -> &[Cost] {
        &self.costs
    }
}

impl Cost {
    fn read(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, value, unit, state, source, meaning] = columns[..] else { return None };
        let text = ToOwned::to_owned;
        let value = value.parse().ok()?;
        Some(Self {
            name: text(name),
            value,
            unit: text(unit),
            state: text(state),
            source: text(source),
            meaning: text(meaning),
        })
    }

    fn line(&self) -> String {
        [&self.name, &self.text(), &self.unit, &self.state, &self.source, &self.meaning].map(String::as_str).join("\t")
    }

    /// The value to three digits.
    pub fn text(&self) -> String {
        let digits = match self.value.abs() {
            small if small < 10.0 => 2,
            small if small < 100.0 => 1,
            _ => 0,
        };
        format!("{:.digits$}", self.value)
    }
}
