"""The commands of ./run that need the servers."""

import sys

from . import backup, bench, check, database, drill, up

COMMANDS = {
    "up": up.main,
    "check": check.main,
    "bench": bench.main,
    "manage": database.manage,
    "shell": database.shell,
    "psql": database.psql,
    "backup": backup.save,
    "restore": backup.load,
    "drill": drill.main,
}

if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit(COMMANDS[command](arguments))
