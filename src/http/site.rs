//! The folder `static/`, which is part of the program, made ready to be sent: once, when somebody asks for the first time.
//!
//! Assets have two addresses. `/static/VERSION/…` names what this program has and never means anything else, so browsers keep it for
//! ever; pages point there, and what a module imports beside itself stays there too. `/static/…` is for other people's pages, which
//! cannot know the version.
//!
//! The invariant: a page never runs modules of two versions. Within a version nothing is served but that version's files.

mod asset;
mod modules;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use self::asset::ending;
pub use self::asset::{Asset, is_known};

/// Where assets are served.
pub const ASSETS: &str = "/static/";
/// What a version begins with, which no folder in `static/` may.
const VERSION: &str = "v-";

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "*.html"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.d.ts"]
#[include = "*.svg"]
struct Folder;

/// All files.
pub struct Site {
    version: String,
    assets: BTreeMap<String, Asset>,
    pages: BTreeMap<String, Asset>,
    /// The assets that pages name themselves.
    named: BTreeSet<String>,
}

/// What an address below [`ASSETS`] stands for.
#[derive(Debug, PartialEq)]
pub enum Found<'site> {
    /// A file that this address will always mean.
    Kept(&'site Asset),
    /// A file as it is now.
    Current(&'site Asset),
    /// It is at this address, relative to the one that was asked for: a proxy may have put something before it.
    Elsewhere(String),
}

impl Site {
    /// The program's own.
    pub fn own() -> &'static Self {
        static OWN: LazyLock<Site> = LazyLock::new(|| {
            let file = |path: Cow<'static, str>| Some((path.to_string(), Folder::get(&path)?.data));
            Site::of(Folder::iter().filter_map(file).collect())
        });
        &OWN
    }

    fn of(files: BTreeMap<String, Cow<'static, [u8]>>) -> Self {
        let version = version(&files);
        let (pages, assets): (BTreeMap<_, _>, BTreeMap<_, _>) =
            files.into_iter().partition(|(path, _)| ending(path) == "html");
        let text = |path: &str| assets.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let mut named = BTreeSet::new();
        let mut point = |(path, bytes): (String, Cow<'static, [u8]>)| {
            let page = String::from_utf8_lossy(&bytes);
            named.extend(assets_of(&page).map(str::to_owned));
            let asset = Asset::new(&path, pointed(&page, &version, text).into_bytes().into());
            (path, asset)
        };
        let pages = pages.into_iter().map(&mut point).collect();
        let asset = |(path, bytes): (String, Cow<'static, [u8]>)| {
            let asset = Asset::new(&path, bytes);
            (path, asset)
        };
        Self { pages, assets: assets.into_iter().map(asset).collect(), named, version }
    }

    /// A page, by the name of its file.
    pub fn page(&self, name: &str) -> Option<&Asset> {
        self.pages.get(name)
    }

    /// What `path` below [`ASSETS`] stands for.
    pub fn find(&self, path: &str) -> Option<Found<'_>> {
        match path.split_once('/').filter(|(first, _)| first.starts_with(VERSION)) {
            Some((version, path)) if version == self.version => self.assets.get(path).map(Found::Kept),
            // A page of another version is on its way to becoming one of this: what it names is looked for here, and everything else
            // comes from there. What modules of another version import is another matter.
            Some((_, named)) => self.named.get(named).map(|named| Found::Elsewhere(self.from(path, named))),
            None => {
                let asset = self.assets.get(path)?;
                // A module's imports are looked for beside the address that it came from in the end.
                let is_module = ending(path) == "js";
                Some(if is_module { Found::Elsewhere(self.from(path, path)) } else { Found::Current(asset) })
            }
        }
    }

    /// The way from an address below [`ASSETS`] to an asset of this version.
    fn from(&self, path: &str, asset: &str) -> String {
        format!("{}{}/{asset}", "../".repeat(path.matches('/').count()), self.version)
    }
}

/// A name for exactly these files.
fn version(files: &BTreeMap<String, Cow<'static, [u8]>>) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path);
        hash.update([0]);
        hash.update(Sha256::digest(bytes));
    }
    format!("{VERSION}{}", asset::short(hash.finalize()))
}

/// The assets that a page names, each as often as it does.
fn assets_of(page: &str) -> impl Iterator<Item = &str> {
    page.split("=\"").skip(1).filter_map(|rest| rest.split_once('"')?.0.strip_prefix(ASSETS))
}

/// A page whose assets are this version's, with a word on every module that is going to be imported: a browser would find them
/// one level after another, each level a round trip later.
fn pointed<'site>(page: &str, version: &str, text: impl Fn(&str) -> Option<&'site str>) -> String {
    let scripts: Vec<&str> = assets_of(page).filter(|path| ending(path) == "js").collect();
    let link = |module: String| format!("    <link rel=\"modulepreload\" href=\"{ASSETS}{module}\" />\n");
    let links: String = modules::imported_by(&scripts, text).into_iter().map(link).collect();
    let page = page.replacen("  </head>", &format!("{links}  </head>"), 1);
    page.replace(&format!("=\"{ASSETS}"), &format!("=\"{ASSETS}{version}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html>\n  <head>\n    <link rel=\"stylesheet\" href=\"/static/css/base.css\" />\n    \
                        <script type=\"module\" src=\"/static/js/page.js\"></script>\n  </head>\n  <a href=\"/\">x</a>\n</html>";

    fn site(changed: &[(&str, &'static str)]) -> Site {
        let mut files = BTreeMap::from([
            ("page.html", PAGE),
            ("css/base.css", "a { color: red; }"),
            ("js/page.js", "import { a } from './a.js';\n"),
            ("js/a.js", "import './deep/b.js';\nexport const a = 1;\n"),
            ("js/deep/b.js", "export { a } from '../a.js';\n"),
            ("js/other.js", "import './a.js';\n"),
            ("js/page.d.ts", "export {};\n"),
        ]);
        files.extend(changed.iter().copied());
        Site::of(files.into_iter().map(|(path, text)| (path.to_owned(), Cow::Borrowed(text.as_bytes()))).collect())
    }

    fn text(asset: &Asset) -> String {
        String::from_utf8(asset.plain().to_vec()).unwrap()
    }

    #[test]
    fn a_page_points_to_its_version_and_names_every_module_that_it_runs() {
        let site = site(&[]);
        let page = text(site.page("page.html").unwrap());
        let version = &site.version;
        for (path, rel) in
            [("css/base.css", "stylesheet"), ("js/a.js", "modulepreload"), ("js/deep/b.js", "modulepreload")]
        {
            let link = format!("<link rel=\"{rel}\" href=\"/static/{version}/{path}\" />");
            assert_eq!(page.matches(&link).count(), 1, "{link} in {page}");
        }
        assert!(page.contains(&format!("src=\"/static/{version}/js/page.js\"")), "{page}");
        assert!(!page.contains("other.js") && page.contains("<a href=\"/\">"), "{page}");
        assert_eq!(page.matches("js/page.js").count(), 1, "the page's own script needs no word: {page}");
    }

    #[test]
    fn any_change_of_any_file_is_another_version() {
        let versions: BTreeSet<String> = [
            site(&[]),
            site(&[("css/base.css", "a { color: blue; }")]),
            site(&[("js/deep/b.js", "")]),
            site(&[("js/new.js", "")]),
            site(&[("page.html", "")]),
        ]
        .map(|site| site.version)
        .into();
        assert_eq!(versions.len(), 5);
        assert_eq!(site(&[]).version, site(&[]).version);
    }

    #[test]
    fn an_address_with_a_version_means_one_thing_for_ever() {
        let (old, new) = (site(&[]), site(&[("js/a.js", "export const a = 2;")]));
        let at = |version: &str, path: &str| format!("{version}/{path}");
        assert!(
            matches!(new.find(&at(&new.version, "js/a.js")), Some(Found::Kept(asset)) if text(asset).ends_with("2;"))
        );
        assert_eq!(new.find(&at(&new.version, "js/none.js")), None);
        // What the old page names leads to the new one. What its modules import of each other is never mixed with it.
        let moved = Some(Found::Elsewhere(format!("../../{}/js/page.js", new.version)));
        assert_eq!(new.find(&at(&old.version, "js/page.js")), moved);
        assert_eq!(new.find(&at(&old.version, "js/a.js")), None);
    }

    #[test]
    fn without_a_version_modules_are_found_where_their_imports_are() {
        let site = site(&[]);
        for (path, up) in [("js/other.js", "../"), ("js/deep/b.js", "../../")] {
            assert_eq!(site.find(path), Some(Found::Elsewhere(format!("{up}{}/{path}", site.version))));
        }
        for path in ["css/base.css", "js/page.d.ts"] {
            assert_eq!(site.find(path), site.assets.get(path).map(Found::Current), "{path}");
        }
        for path in ["page.html", "js/none.js", "none.css", ""] {
            assert_eq!(site.find(path), None, "{path}");
        }
    }
}
