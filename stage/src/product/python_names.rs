//! Names that a package of Python cannot have, because something else has them.

/// The modules of Python itself, of every version from 3.9 to 3.14, without those that begin with `_`:
/// `sys.stdlib_module_names`, and `test`. Python looks there first, or may.
const STANDARD: &str = "\
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit \
    audioop base64 bdb binascii binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk \
    cmath cmd code codecs codeop collections colorsys compileall compression concurrent \
    configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses \
    datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno \
    faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc \
    genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http \
    idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 \
    linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder \
    msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode \
    operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil \
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr \
    pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter \
    runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr \
    socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics \
    string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny \
    tarfile telnetlib tempfile termios test textwrap this threading time timeit tkinter token \
    tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing \
    unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound \
    wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

/// What virtual environments have, or Python imports whenever it starts.
const ENVIRONMENT: [&str; 6] = [
    "pip",
    "pkg_resources",
    "setuptools",
    "sitecustomize",
    "usercustomize",
    "wheel",
];

/// Returns what has this name already, for a message; `None` if it is free.
pub(crate) fn taken(import_package: &str) -> Option<&'static str> {
    if STANDARD.split(' ').any(|name| name == import_package) {
        Some("Python itself has a module of this name")
    } else if ENVIRONMENT.contains(&import_package) {
        Some("Python's environments have a package of this name, or run it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_python_are_known() {
        for name in [
            "json",
            "abc",
            "zoneinfo",
            "test",
            "distutils",
            "pip",
            "cProfile",
        ] {
            assert!(taken(name).is_some(), "{name}");
        }
        for name in ["", "ruff", "json_", "jsonx", "JSON"] {
            assert_eq!(taken(name), None, "{name}");
        }
    }
}
