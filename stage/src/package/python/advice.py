def _advice() -> str:
    """What went wrong where a file is missing, and what to do about it."""
    archive = next((path for path in _PACKAGE_DIR.parents if path.is_file()), None)
    if archive is not None:
        return (
            f"the package lies in the archive {archive}, and a program cannot be run out of one; "
            f"install it with `pip install {_REQUIREMENT}`, or build the archive with a tool that "
            "unpacks it before it runs, such as shiv or PEX"
        )
    if hasattr(sys, "_MEIPASS"):
        return (
            "PyInstaller left out the files of the package; "
            "build again with `--collect-all @import_package@`"
        )
    if getattr(sys, "frozen", False) or "__compiled__" in globals():
        return (
            "the tool that made this program left out the files of the package; "
            "have it include all files of `@import_package@`, as they are"
        )
    if importlib.util.find_spec("pip") is None:
        # As in environments that uv has made.
        python = f"--python {_quote(sys.executable or 'python')}"
        return f"`uv pip install {python} --reinstall --no-deps {_REQUIREMENT}` puts it back"
    reinstall = f"-m pip install --force-reinstall --no-deps {_REQUIREMENT}"
    return f"`{_quote(sys.executable or 'python')} {reinstall}` puts it back"


def _quote(path: str) -> str:
    if os.name == "posix":
        return shlex.quote(path)
    return f'"{path}"' if " " in path else path
