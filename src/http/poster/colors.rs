//! Colours that come with a plan, as a poster may name them. A plan is somebody's upload, and a colour such as `url(…)` would fetch:
//! what passes is what `static/js/model/color.js` lets pass.

use super::dark;

/// Red, green and blue.
pub type Triple = [u8; 3];

/// A colour that only names a colour.
#[derive(Clone, Debug, PartialEq)]
pub enum Color {
    Exact(Triple),
    /// Whatever else CSS calls a colour. How light it is is not known.
    Named(String),
}

impl Color {
    /// Reads a plan's colour.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix('#') {
            return hexadecimal(digits);
        }
        let lower = text.to_ascii_lowercase();
        (is_name(&lower) || is_function(&lower)).then_some(Self::Named(lower))
    }

    /// As an area has it, on light ground and on dark.
    pub fn paint(&self) -> String {
        match self {
            Self::Exact(color) => both(*color, dark::turned(*color)),
            Self::Named(name) => name.clone(),
        }
    }

    /// The ink that is read on an area of this colour, on light ground and on dark.
    pub fn ink(&self) -> Option<String> {
        match self {
            Self::Exact(color) => Some(both(dark::ink_on(*color), dark::ink_on(dark::turned(*color)))),
            Self::Named(_) => None,
        }
    }

    /// As it is, whatever the ground is.
    pub fn plain(&self) -> String {
        match self {
            Self::Exact(color) => hex(*color),
            Self::Named(name) => name.clone(),
        }
    }
}

fn hexadecimal(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let value = |text: &str| u8::from_str_radix(text, 16).ok();
    let channel = |place: usize| match digits.len() {
        3 => value(&digits[place..=place].repeat(2)),
        6 => value(&digits[place * 2..place * 2 + 2]),
        _ => None,
    };
    match digits.len() {
        3 | 6 => Some(Color::Exact([channel(0)?, channel(1)?, channel(2)?])),
        4 | 8 => Some(Color::Named(format!("#{digits}"))),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    (3..=20).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_lowercase())
}

fn is_function(text: &str) -> bool {
    let begins = ["rgb(", "rgba(", "hsl(", "hsla("];
    let inner = begins.iter().find_map(|begin| text.strip_prefix(begin)).and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|inner| {
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit() || b" .,%/".contains(&byte))
    })
}

fn both(light: Triple, dark: Triple) -> String {
    if light == dark { hex(light) } else { format!("light-dark({},{})", hex(light), hex(dark)) }
}

fn hex([red, green, blue]: Triple) -> String {
    let short = |channel: u8| channel >> 4 == channel & 15;
    if short(red) && short(green) && short(blue) {
        return format!("#{:x}{:x}{:x}", red & 15, green & 15, blue & 15);
    }
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text as it stands between tags.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_names_a_colour_passes() {
        for (text, plain) in [
            ("#7f4a91", "#7f4a91"),
            (" #EEE ", "#eee"),
            ("#AABBCC", "#abc"),
            ("#1234", "#1234"),
            ("#12345678", "#12345678"),
            ("Transparent", "transparent"),
            ("rgb(1, 2, 3)", "rgb(1, 2, 3)"),
            ("hsla(120 50% 50% / .5)", "hsla(120 50% 50% / .5)"),
        ] {
            assert_eq!(Color::read(text).map(|color| color.plain()).as_deref(), Some(plain), "{text}");
        }
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#gggggg",
            "#ééé",
            "re",
            "url(http://evil.example/)",
            "url(#a)",
            "red\"onload=\"x",
            "rgb()",
            "rgb(1,2,3);x",
            "rgb(var(--x))",
            "color-mix(in srgb, red, blue)",
        ] {
            assert_eq!(Color::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_area_is_another_on_dark_ground_and_its_ink_is_read_on_both() {
        let white = Color::read("#fff").unwrap();
        assert!(white.paint().starts_with("light-dark(#fff,#"), "{}", white.paint());
        assert_eq!(white.ink().as_deref(), Some("light-dark(#000,#fff)"));
        assert_eq!(Color::read("black").unwrap().ink(), None);
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<a b=\"c\" d='e'>&\n"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp; ");
    }
}
