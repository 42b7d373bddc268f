use serde::Serialize;

use super::elf::Elf;
use super::mach_o::MachO;
use super::pe::Pe;
use super::script::Script;
use super::xcoff::Xcoff;

/// What a file is that a system can run or load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Facts {
    /// Linux, and most other Unix systems.
    Elf(Elf),
    /// macOS and its relatives, for one CPU or for several.
    MachO(MachO),
    /// Windows.
    Pe(Pe),
    /// AIX.
    Xcoff(Xcoff),
    /// A text that names its interpreter.
    Script(Script),
}
