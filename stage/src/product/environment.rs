//! What the npm launcher tells the runtime: environment variables about how it was installed.
//!
//! A runtime that updates itself has to know which package manager installed it, and where. Only the
//! launcher can tell, and each product has variables of its own for that. So they are data.
//! The launcher removes inherited variables of these names first: another launcher may have set them.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::checked::{constraint, must};
use super::names::EnvName;
use super::texts::one_line;

/// A variable of the runtime's environment.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Variable {
    /// The variable.
    pub name: LauncherVariable,
    /// What it is set to.
    pub value: VariableValue,
    /// The package manager behind which it is set. Default: behind every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PackageManager>,
}

/// A package manager that the launcher tells from others. One that it does not know, such as Yarn,
/// counts as npm.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PackageManager {
    /// npm, and every other one that is not listed here.
    Npm,
    /// Bun.
    Bun,
    /// pnpm.
    Pnpm,
    /// Vite+, whose command is `vp`.
    VitePlus,
}

constraint! {
    /// The name of a variable that the launcher may set: none that Node.js, the loader of programs,
    /// a shell or the system reads.
    LauncherVariable, LauncherVariableRule, |text| {
        EnvName::try_from(text.to_owned()).map_err(|_| {
            "cannot name an environment variable: use letters, digits and `_`".to_owned()
        })?;
        // Windows does not tell `Path` from `PATH`.
        let upper = text.to_ascii_uppercase();
        let reserved = RESERVED.contains(&&*upper)
            || RESERVED_PREFIXES.iter().any(|prefix| upper.starts_with(prefix));
        must(!reserved, "is reserved: the system, a shell, Node.js or a package manager reads it")
    }
}
constraint! {
    /// The value of a variable. `{package-root}` stands for the directory of the npm root package,
    /// `{manager}` for the name of the package manager.
    VariableValue, VariableValueRule, |text| {
        one_line(text)?;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let name = rest[at..].strip_prefix('{').and_then(|inside| inside.split_once('}'));
            match name {
                Some((name, after)) if PLACEHOLDERS.contains(&name) => rest = after,
                _ => {
                    let known = PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(" and ");
                    return Err(format!("has a brace that belongs to no placeholder: {known} are known"));
                }
            }
        }
        Ok(())
    }
}

/// Returns whether the system or a shell reads a variable of this name. Others may own a beginning of
/// names; a variable of the product's own may have it, as Node.js's.
pub(super) fn is_of_the_system(name: &str) -> bool {
    RESERVED.contains(&&*name.to_ascii_uppercase())
}

/// What a value may name in braces.
const PLACEHOLDERS: [&str; 2] = ["package-root", "manager"];

/// Variables that others read, in capitals.
const RESERVED: [&str; 34] = [
    "ALL_PROXY",
    "APPDATA",
    "BASH_ENV",
    "CDPATH",
    "COMSPEC",
    "EDITOR",
    "ENV",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "IFS",
    "LANG",
    "LANGUAGE",
    "LOCALAPPDATA",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PWD",
    "SHELL",
    "SHELLOPTS",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// Beginnings of names that others read, in capitals.
const RESERVED_PREFIXES: [&str; 13] = [
    "BUN_",
    "COREPACK_",
    "DYLD_",
    "GCONV_",
    "GLIBC_",
    "LC_",
    "LD_",
    "MALLOC_",
    "NODE_",
    "NPM_",
    "OPENSSL_",
    "SSL_",
    "XDG_",
];

/// Reads the variables of a product. No two of them may be set behind the same package manager and
/// have the same name.
pub(super) fn variables<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Variable>, D::Error> {
    let variables = Vec::<Variable>::deserialize(source)?;
    for (at, variable) in variables.iter().enumerate() {
        let same = |other: &Variable| {
            let both = other.manager == variable.manager;
            other.name.eq_ignore_ascii_case(&variable.name)
                && (both || other.manager.is_none() || variable.manager.is_none())
        };
        if variables[..at].iter().any(same) {
            return Err(D::Error::custom(format!(
                "`{}` is set twice",
                variable.name
            )));
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_read_are_reserved() {
        for name in [
            "PATH",
            "Path",
            "NODE_OPTIONS",
            "LD_PRELOAD",
            "DYLD_INSERT_LIBRARIES",
            "npm_config_user_agent",
            "HOME",
            "A-B",
            "1A",
            "",
        ] {
            assert!(
                LauncherVariable::try_from(name.to_owned()).is_err(),
                "{name}"
            );
        }
        // Near misses.
        for name in [
            "CODEX_MANAGED_BY_NPM",
            "CODEX_PATH",
            "MY_NODE_OPTIONS",
            "NODES",
            "LDX",
            "PATHS",
            "_x",
        ] {
            assert!(
                LauncherVariable::try_from(name.to_owned()).is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn values_name_what_is_known() {
        for value in [
            "1",
            "{package-root}",
            "by {manager} in {package-root}",
            "$HOME",
        ] {
            assert!(VariableValue::try_from(value.to_owned()).is_ok(), "{value}");
        }
        for value in [
            "",
            " 1",
            "a\nb",
            "{root}",
            "{package-root",
            "manager}",
            "{}",
            "{{manager}}",
        ] {
            assert!(
                VariableValue::try_from(value.to_owned()).is_err(),
                "{value}"
            );
        }
    }

    #[test]
    fn one_name_has_one_value_behind_each_manager() {
        let read = |text: &str| {
            #[derive(Deserialize)]
            struct File {
                #[serde(deserialize_with = "variables")]
                environment: Vec<Variable>,
            }
            toml::from_str::<File>(&format!("environment = [{text}]")).map(|file| file.environment)
        };
        let by = |name: &str, manager: &str| {
            let manager = if manager.is_empty() {
                String::new()
            } else {
                format!(", manager = \"{manager}\"")
            };
            format!("{{ name = \"{name}\", value = \"1\"{manager} }}")
        };
        let both = |a: String, b: String| read(&format!("{a}, {b}"));
        assert_eq!(both(by("A", "npm"), by("A", "vite-plus")).unwrap().len(), 2);
        assert_eq!(both(by("A", ""), by("B", "")).unwrap().len(), 2);
        for (a, b) in [
            (by("A", ""), by("A", "npm")),
            (by("A", "bun"), by("a", "bun")),
            (by("A", ""), by("a", "")),
        ] {
            let error = both(a, b).unwrap_err().to_string();
            assert!(error.contains("is set twice"), "{error}");
        }
        for unknown in ["yarn", "NPM"] {
            assert!(read(&by("A", unknown)).is_err());
        }
        assert!(read("{ name = \"A\", value = \"1\", colour = 1 }").is_err());
    }
}
