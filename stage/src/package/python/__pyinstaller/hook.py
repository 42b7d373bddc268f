"""Has PyInstaller include the runtime, every file of it at its place in the package.

It takes only modules by itself. Its helpers that collect data leave out files with the suffixes of
modules, which a runtime may have.
"""

from pathlib import Path

_HOOKS = Path(__file__).resolve().parent
_PACKAGE = _HOOKS.parent
_OWN = {_PACKAGE / name for name in ("__init__.py", "__main__.py", "py.typed")}

# PyInstaller tells programs from data by their bytes, and keeps what was executable so.
datas = [
    (str(file), str(Path("@import_package@") / file.relative_to(_PACKAGE).parent))
    for file in sorted(_PACKAGE.rglob("*"))
    if file.is_file()
    and file not in _OWN
    and _HOOKS not in file.parents
    and "__pycache__" not in file.relative_to(_PACKAGE).parts
]
