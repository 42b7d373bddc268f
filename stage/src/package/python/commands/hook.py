"""Has PyInstaller include the executables, which lie in the directory of scripts."""

from @import_package@ import COMMANDS, bundled_command_path

# PyInstaller tells programs from data by their bytes, and keeps what was executable so.
datas = [(str(bundled_command_path(command)), "@import_package@") for command in COMMANDS]
