"""The commands of ./run that need the servers."""

import sys

from . import database

COMMANDS = {
    "manage": database.manage,
    "shell": database.shell,
    "psql": database.psql,
}

if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit(COMMANDS[command](arguments))
