//! The proxies that the environment names.
//!
//! They are read here and not by the HTTP library, which ignores a variable that it cannot use, and
//! then asks the network directly.

use std::env::VarError;

use reqwest::blocking::ClientBuilder;
use reqwest::{NoProxy, Proxy, Url};

use super::error::FetchError;

/// The schemes of proxies. With socks4a and socks5h, the proxy resolves the names of hosts.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Has a client use the proxies of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`,
/// `NO_PROXY`, or the same in lower case.
pub(super) fn from_environment(client: ClientBuilder) -> Result<ClientBuilder, FetchError> {
    let mut client = client.no_proxy();
    let exceptions = variable(["NO_PROXY", "no_proxy"])?.map_or_else(String::new, |no| no.value);
    if exceptions.split(',').any(|host| host.trim() == "*") {
        return Ok(client);
    }
    let all = proxy(["ALL_PROXY", "all_proxy"])?;
    let http = proxy(["HTTP_PROXY", "http_proxy"])?.or_else(|| all.clone());
    let https = proxy(["HTTPS_PROXY", "https_proxy"])?.or(all);
    if let Some(Address { url, variable }) = http {
        let proxy = Proxy::http(url).map_err(|_| FetchError::Proxy(variable))?;
        client = client.proxy(proxy.no_proxy(NoProxy::from_string(&exceptions)));
    }
    if let Some(Address { url, variable }) = https {
        let proxy = Proxy::https(url).map_err(|_| FetchError::Proxy(variable))?;
        client = client.proxy(proxy.no_proxy(NoProxy::from_string(&exceptions)));
    }
    Ok(client)
}

struct Variable {
    name: &'static str,
    value: String,
}

/// Returns the first of these variables that is set. An empty one is as good as none.
fn variable(names: [&'static str; 2]) -> Result<Option<Variable>, FetchError> {
    for name in names {
        // The client of a server can set this one for a CGI script: https://httpoxy.org
        if name == "HTTP_PROXY" && std::env::var_os("REQUEST_METHOD").is_some() {
            continue;
        }
        match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => return Ok(Some(Variable { name, value })),
            Ok(_) | Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => return Err(FetchError::Proxy(name)),
        }
    }
    Ok(None)
}

/// The address of a proxy, and the variable that names it.
#[derive(Clone)]
struct Address {
    url: Url,
    variable: &'static str,
}

/// Reads the address of a proxy. Without a scheme, it is `http`.
fn proxy(names: [&'static str; 2]) -> Result<Option<Address>, FetchError> {
    let Some(Variable { name, value }) = variable(names)? else {
        return Ok(None);
    };
    let value = value.trim();
    let url = if value.contains("://") {
        Url::parse(value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    let is_proxy = |url: &Url| {
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
        SCHEMES.contains(&url.scheme()) && url.has_host() && is_bare
    };
    match url.ok().filter(is_proxy) {
        Some(url) => Ok(Some(Address {
            url,
            variable: name,
        })),
        None => Err(FetchError::Proxy(name)),
    }
}
