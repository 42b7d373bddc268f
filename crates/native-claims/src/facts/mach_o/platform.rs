//! The systems of Apple that code is built for.

use object::macho::{self, LoadCommandType};
use serde::Serialize;

use super::version::AppleVersion;
use crate::facts::cpu::Cpu;

/// A system of Apple, with the oldest version of it that loads the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AppleSystem {
    /// The system, as `LC_BUILD_VERSION` numbers it: 1 is macOS, 2 is iOS, 7 is the simulator of iOS.
    pub platform: u32,
    /// The oldest version of it.
    pub minimum: AppleVersion,
}

/// The system that one of the commands names that there were before `LC_BUILD_VERSION`. They knew
/// no simulators: code of a phone's system for a CPU of Intel is for the simulator.
pub(super) fn of_older_command(command: LoadCommandType, cpu: Cpu) -> Option<u32> {
    let (device, simulator) = match command {
        macho::LC_VERSION_MIN_MACOSX => (macho::PLATFORM_MACOS, macho::PLATFORM_MACOS),
        macho::LC_VERSION_MIN_IPHONEOS => (macho::PLATFORM_IOS, macho::PLATFORM_IOSSIMULATOR),
        macho::LC_VERSION_MIN_TVOS => (macho::PLATFORM_TVOS, macho::PLATFORM_TVOSSIMULATOR),
        macho::LC_VERSION_MIN_WATCHOS => {
            (macho::PLATFORM_WATCHOS, macho::PLATFORM_WATCHOSSIMULATOR)
        }
        _ => return None,
    };
    let is_intel = matches!(cpu, Cpu::X86 | Cpu::X86_64);
    Some(if is_intel { simulator.0 } else { device.0 })
}

/// Returns the name of a system.
pub(crate) fn name(platform: u32) -> &'static str {
    match platform {
        1 => "macOS",
        2 => "iOS",
        3 => "tvOS",
        4 => "watchOS",
        5 => "bridgeOS",
        6 => "Mac Catalyst",
        7 => "the simulator of iOS",
        8 => "the simulator of tvOS",
        9 => "the simulator of watchOS",
        10 => "DriverKit",
        11 => "visionOS",
        12 => "the simulator of visionOS",
        _ => "another system of Apple",
    }
}
