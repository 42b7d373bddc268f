//! Holds the source to ARCHITECTURE.md: which layer may import which, and no circles.
//!
//! The table of layers there is the one source; this test reads it. An import is any path in code
//! that is not a test: in a `use`, an expression, a type or a macro call. A module is a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// One import: from a module to another one, at a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: Vec<String>,
    to: Vec<String>,
    file: PathBuf,
    line: usize,
}

/// The modules of a crate, by path: `["audit", "wheel"]` is `audit/wheel.rs`. The root has none.
type Modules = BTreeMap<Vec<String>, PathBuf>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lists the files below `src` as modules.
fn modules(src: &Path) -> Modules {
    fn visit(directory: &Path, path: &[String], modules: &mut Modules) {
        for entry in fs_err::read_dir(directory).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let inner = [path, std::slice::from_ref(&name)].concat();
            if file.is_dir() {
                visit(&file, &inner, modules);
            } else if name == "lib" || name == "mod" {
                modules.insert(path.to_vec(), file);
            } else if file.extension().is_some_and(|extension| extension == "rs") {
                modules.insert(inner, file);
            }
        }
    }
    let mut modules = Modules::new();
    visit(src, &[], &mut modules);
    modules.remove(&vec!["main".to_owned()]);
    modules
}

/// Collects the imports of one file.
struct Collector<'a> {
    modules: &'a Modules,
    /// The module that the code at hand belongs to, inline modules included.
    scope: Vec<String>,
    /// How many of its last parts are inline modules.
    inline: usize,
    file: &'a Path,
    imports: Vec<Import>,
    /// The files that are compiled for tests only, as modules.
    tests: Vec<Vec<String>>,
}

impl Collector<'_> {
    /// Notes a path of code, if it leads to a module of the crate.
    fn note(&mut self, path: &[String], line: usize) {
        let mut base = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.scope.clone(),
            // A child of this module, or something of another crate.
            Some(name) => {
                let child = [&self.scope[..], &[name.to_owned()]].concat();
                if !self.modules.contains_key(&child) {
                    return;
                }
                self.scope.clone()
            }
            None => return,
        };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                part => {
                    let inner = [&base[..], &[part.to_owned()]].concat();
                    if !self.modules.contains_key(&inner) {
                        break;
                    }
                    base = inner;
                }
            }
        }
        while !self.modules.contains_key(&base) {
            base.pop();
        }
        let from = self.scope[..self.scope.len() - self.inline].to_vec();
        if from != base {
            self.imports.push(Import {
                from,
                to: base,
                file: self.file.to_owned(),
                line,
            });
        }
    }

    fn note_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let line = tree.span().start().line;
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.note_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.note(&with(&name.ident), line),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident), line),
            syn::UseTree::Glob(_) => self.note(before, line),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree, before);
                }
            }
        }
    }
}

/// Whether something is compiled for tests only.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg") && is_true_in_tests_only(attribute))
    })
}

/// Whether a `cfg` is `test`, or `all(test, …)`.
fn is_true_in_tests_only(cfg: &syn::Attribute) -> bool {
    let mut found = false;
    // What is no list of words, such as `not(test)`, ends the walk with an error.
    let _ = cfg.parse_nested_meta(|meta| {
        found |= meta.path.is_ident("test");
        if meta.path.is_ident("all") {
            meta.parse_nested_meta(|meta| {
                found |= meta.path.is_ident("test");
                Ok(())
            })?;
        }
        Ok(())
    });
    found
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        } else if let syn::Item::Mod(item) = item {
            let child = [&self.scope[..], &[item.ident.to_string()]].concat();
            self.tests.push(child);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.scope.push(item.ident.to_string());
            self.inline += 1;
            visit::visit_item_mod(self, item);
            self.inline -= 1;
            self.scope.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts = path.segments.iter().map(|part| part.ident.to_string());
        let parts = parts.collect::<Vec<_>>();
        if parts.len() > 1 {
            self.note(&parts, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(in path)` names a module and takes nothing from it.
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // Most calls hold expressions; what holds something else names no module.
        let arguments = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = call.parse_body_with(arguments) {
            for argument in &arguments {
                self.visit_expr(argument);
            }
        }
    }
}

/// All imports of a crate but those of its tests.
fn imports(src: &Path) -> Vec<Import> {
    let modules = modules(src);
    let (mut imports, mut tests) = (Vec::new(), Vec::new());
    for (module, file) in &modules {
        let code = syn::parse_file(&fs_err::read_to_string(file).unwrap()).unwrap();
        let mut collector = Collector {
            modules: &modules,
            scope: module.clone(),
            inline: 0,
            file,
            imports: Vec::new(),
            tests: Vec::new(),
        };
        collector.visit_file(&code);
        imports.append(&mut collector.imports);
        tests.append(&mut collector.tests);
    }
    let of_tests = |module: &Vec<String>| tests.iter().any(|test| module.starts_with(test));
    imports.retain(|import| !of_tests(&import.from) && !of_tests(&import.to));
    imports.sort();
    imports.dedup();
    imports
}

/// The layers, the lowest first: the rows of the table in the section on layers.
fn layers(architecture: &str) -> Vec<String> {
    let section = architecture
        .split("\n## ")
        .find(|text| text.starts_with("Layers"));
    let rows = section.unwrap_or_default().lines().filter_map(|line| {
        let name = line.strip_prefix("| `")?;
        Some(name.split_once('`')?.0.to_owned())
    });
    rows.collect()
}

fn show(import: &Import) -> String {
    let file = import.file.strip_prefix(root()).unwrap_or(&import.file);
    format!(
        "{}:{}: {} imports {}",
        file.display(),
        import.line,
        import.from.join("::"),
        import.to.join("::")
    )
}

/// The imports that lie on a circle of modules.
fn circles(imports: &[Import]) -> Vec<&Import> {
    let mut reached: BTreeMap<&[String], BTreeSet<&[String]>> = BTreeMap::new();
    for import in imports {
        reached.entry(&import.from).or_default().insert(&import.to);
    }
    let leads_back = |import: &&Import| {
        let mut seen = BTreeSet::new();
        let mut next = vec![&import.to[..]];
        while let Some(module) = next.pop() {
            if module == import.from {
                return true;
            }
            if seen.insert(module) {
                next.extend(reached.get(module).into_iter().flatten());
            }
        }
        false
    };
    imports.iter().filter(leads_back).collect()
}

/// The imports of a layer by one below it, which the table does not have in this order.
fn upwards<'a>(imports: &'a [Import], layers: &[String]) -> Vec<&'a Import> {
    let place = |module: &[String]| {
        let name = module.first()?;
        layers.iter().position(|layer| layer == name)
    };
    let is_upwards = |import: &&Import| place(&import.from) < place(&import.to);
    imports.iter().filter(is_upwards).collect()
}

#[test]
fn no_layer_imports_one_above_it() {
    let text = fs_err::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let layers = layers(&text);
    let src = root().join("stage/src");
    let there = modules(&src)
        .into_keys()
        .filter_map(|path| path.first().cloned());
    let there = there.collect::<BTreeSet<_>>();
    let listed = layers.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(
        there, listed,
        "ARCHITECTURE.md lists the layers that there are"
    );
    let imports = imports(&src);
    let wrong = upwards(&imports, &layers).into_iter().map(show);
    let wrong = wrong.collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "imports of a layer above:\n{wrong}");
}

#[test]
fn no_module_is_on_a_circle() {
    let crates = [
        "crates/native-claims",
        "crates/schema-types",
        "crates/strict-archive",
        "runtime-bin",
        "sdk",
        "stage",
    ];
    let mut wrong = Vec::new();
    for krate in crates {
        let imports = imports(&root().join(krate).join("src"));
        assert!(!imports.is_empty(), "{krate} has modules");
        wrong.extend(circles(&imports).into_iter().map(show));
    }
    let wrong = wrong.join("\n");
    assert!(wrong.is_empty(), "imports that form a circle:\n{wrong}");
}

#[test]
fn a_circle_and_an_import_of_a_layer_above_are_found() {
    let import = |from: &str, to: &str| Import {
        from: from.split("::").map(str::to_owned).collect(),
        to: to.split("::").map(str::to_owned).collect(),
        file: PathBuf::from("a.rs"),
        line: 1,
    };
    let imports = [
        import("a", "b::c"),
        import("b::c", "d"),
        import("d", "a"),
        import("d", "e"),
    ];
    let found = circles(&imports);
    assert_eq!(found, [&imports[0], &imports[1], &imports[2]]);
    let layers = ["e", "d", "b", "a"].map(str::to_owned);
    assert_eq!(upwards(&imports, &layers), [&imports[2]]);
}
