"""What several processes say, on one terminal: each line behind the name of its process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Thread

COLOURS = (36, 33, 35, 32)


class Printer:
    """Prints the output of children until they end. Colour on a terminal only."""

    def __init__(self, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
        self.width = max(map(len, children))
        self.is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.threads = [
            Thread(target=self._follow, args=(name, child, COLOURS[at % len(COLOURS)]), daemon=True)
            for at, (name, child) in enumerate(children.items())
        ]
        for thread in self.threads:
            thread.start()

    def finish(self) -> None:
        """Give the last words a moment to arrive."""
        for thread in self.threads:
            thread.join(0.3)

    def _follow(self, name: str, child: subprocess.Popen[bytes], colour: int) -> None:
        prefix = f"{name:{self.width}} | "
        if self.is_coloured:
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        for line in child.stdout or ():
            text = line.decode(errors="replace").rstrip()
            if text:
                print(f"{prefix}{text}", flush=True)
