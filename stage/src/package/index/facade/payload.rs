//! The generated file that names the payloads.

use crate::package::crates::identifier;
use crate::product::{Platform, Product};
use crate::record::names::crates::platform_crate;
use crate::version::ReleaseVersion;

/// Returns the generated file. `runtime-bin/src/embedded.rs` describes its form.
pub(super) fn payload_code(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[&Platform],
) -> String {
    let targets = platforms
        .iter()
        .map(|platform| &*platform.target)
        .collect::<Vec<_>>();
    let literal = |text: &str| format!("{text:?}");
    let payload = |platform: &&Platform| {
        let name = identifier(&platform_crate(product, platform));
        include_str!("platform.rs.in")
            .replace("@cfg@", &platform.krate.cfg)
            .replace("@name@", &name)
    };
    let cfgs = platforms.iter().map(|platform| &*platform.krate.cfg);
    include_str!("payload.rs.in")
        .replace("@crate_name@", &literal(&product.krate.name))
        .replace("@version@", &literal(&version.upstream()))
        .replace("@path_env@", &literal(&product.identity.path_env))
        .replace("@cache_dir_env@", &literal(&product.krate.cache_dir_env))
        .replace("@metadata_file@", &literal(&product.bundle.metadata))
        .replace("@targets@", &format!("{targets:?}"))
        .replace(
            "@platforms@\n",
            &platforms.iter().map(payload).collect::<String>(),
        )
        .replace(
            "@cfgs@",
            &cfgs.fold(String::new(), |all, cfg| all + "\n    " + cfg + ","),
        )
}
