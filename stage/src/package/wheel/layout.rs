//! The files of a runtime in a wheel, and what the wheel has beside them.

use std::io;

use crate::base::digest::Digest;
use crate::bundle::{BundleFile, Role, WHEEL_FILES, WHEEL_HOOKS};
use crate::package::entry::{Body, Entry};
use crate::package::error::PackageError;
use crate::package::input::Input;
use crate::product::WheelCommands;
use crate::record::installed::{LICENSES, SCRIPTS, wheel_commands};
use crate::record::manifest::BundleRecord;

/// What a wheel carries.
pub struct Layout<'a> {
    /// How it brings the commands onto `PATH`.
    pub commands: WheelCommands,
    /// The commands, and where the Python files find their executables.
    pub executables: Vec<(String, String)>,
    /// The files of the runtime, at their places in the wheel.
    pub entries: Vec<Entry<'a>>,
    /// The licences of the runtime that lie beside those of the product: their texts by their names.
    pub licenses: Vec<(String, Vec<u8>)>,
    /// The files for the bill of materials; `None` for all of the runtime by their own paths.
    pub listed: Option<Vec<(String, Digest)>>,
}

impl<'a> Layout<'a> {
    /// Lays out the runtime. `stem` is the name of the directories `.data` and `.dist-info`.
    pub fn new(input: &Input<'a>, stem: &str) -> Result<Self, PackageError> {
        let bundle = input.bundle;
        let commands = wheel_commands(input.product, !bundle.is_commands_only());
        if commands == WheelCommands::Scripts {
            let mut files = bundle.files().iter();
            if let Some(file) = files.find(|file| bundle.role(file) == Role::Data) {
                return Err(PackageError::DataBesideScripts {
                    path: file.path.display().to_string(),
                    target: input.platform.target.to_string(),
                });
            }
            scripts(input, stem)
        } else {
            tree(input, commands)
        }
    }
}

/// Puts the runtime into the import package as it is.
fn tree<'a>(input: &Input<'a>, commands: WheelCommands) -> Result<Layout<'a>, PackageError> {
    let import_package = &*input.product.wheel.import_package;
    let files = input.bundle.files();
    for name in WHEEL_FILES.into_iter().chain([WHEEL_HOOKS]) {
        // Without regard to case, like some file systems. A directory of the same name is refused
        // too.
        let in_the_way = |file: &&BundleFile| {
            let top = file.path.as_str().split('/').next();
            top.is_some_and(|top| top.eq_ignore_ascii_case(name))
        };
        if let Some(file) = files.iter().find(in_the_way) {
            return Err(PackageError::Conflict {
                path: file.path.display().to_string(),
                package: "wheel",
            });
        }
    }
    let first = input.product.identity.commands.first();
    let first = first.map(|name| (name.to_string(), input.bundle.entrypoint().as_str()));
    let more = input.bundle.more_commands();
    let executables = first
        .into_iter()
        .chain(more.map(|(name, path)| (name.to_owned(), path.as_str())));
    // With room for everything that is put beside the files.
    let beside = WHEEL_FILES.len() + input.product.license_files.len() + 7;
    let mut entries = Vec::with_capacity(files.len() + beside);
    entries.extend(files.iter().map(|file| Entry::file(import_package, file)));
    Ok(Layout {
        commands,
        executables: executables
            .map(|(name, path)| (name, path.to_owned()))
            .collect(),
        entries,
        licenses: Vec::new(),
        listed: None,
    })
}

/// Most bytes of a licence. The longest that is known, that of the parts of a browser, has 5 MB.
const MOST_LICENSE: u64 = 16 << 20;

/// Reads a licence file of the runtime.
fn read(input: &Input, file: &BundleFile) -> io::Result<Vec<u8>> {
    let path = input.bundle.path_of(file);
    if file.size > MOST_LICENSE {
        let (path, size) = (file.path.display(), file.size);
        return Err(io::Error::other(format!(
            "{path} has the name of a licence and {size} bytes: rename it if it is data"
        )));
    }
    let bytes = fs_err::read(&path)?;
    if Digest::of(&bytes) == file.sha256 {
        Ok(bytes)
    } else {
        let path = path.display();
        Err(io::Error::other(format!(
            "{path} changed while it was being staged"
        )))
    }
}

/// Puts the executables with the scripts, and what is read about them where it is looked for.
fn scripts<'a>(input: &Input<'a>, stem: &str) -> Result<Layout<'a>, PackageError> {
    let record = BundleRecord::new(input.bundle);
    let mut layout = Layout {
        commands: WheelCommands::Scripts,
        executables: Vec::new(),
        entries: Vec::new(),
        licenses: Vec::new(),
        listed: None,
    };
    let mut listed = Vec::new();
    let mut scripts = Vec::new();
    for (installed, source) in record.installed(input.product)? {
        let mut files = input.bundle.files().iter();
        let Some(file) = files.find(|file| *file.path.as_str() == *source) else {
            continue;
        };
        if let Some(name) = installed.path.strip_prefix(&format!("{LICENSES}/")) {
            layout.licenses.push((name.to_owned(), read(input, file)?));
        } else {
            let script = installed.path.strip_prefix(&format!("{SCRIPTS}/"));
            layout.entries.push(Entry {
                name: format!("{stem}.data/{}", installed.path),
                executable: script.is_some(),
                body: Body::File(file),
            });
            scripts.extend(script.map(str::to_owned));
        }
        listed.push((installed.path, file.sha256));
    }
    for (name, _) in record.all_commands(input.product) {
        let script = scripts.iter().find(|script| {
            let suffix = script.strip_prefix(name);
            suffix.is_some_and(|suffix| suffix.is_empty() || suffix.eq_ignore_ascii_case(".exe"))
        });
        layout
            .executables
            .extend(script.map(|script| (name.to_owned(), script.clone())));
    }
    layout.listed = Some(listed);
    Ok(layout)
}
