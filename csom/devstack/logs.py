"""What several processes say, on one terminal: each line behind the name of its process."""

import os
import subprocess
import sys
from threading import Thread

COLOURS = (36, 33, 35, 32)


class Printer:
    """Prints the output of children until they end. Colour on a terminal only."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.threads: list[Thread] = []

    def follow(self, name: str, child: subprocess.Popen[bytes]) -> None:
        colour = COLOURS[len(self.threads) % len(COLOURS)]
        thread = Thread(target=self._print, args=(name, child, colour), daemon=True)
        thread.start()
        self.threads.append(thread)

    def finish(self) -> None:
        """Give the last words a moment to arrive."""
        for thread in self.threads:
            thread.join(0.3)

    def _print(self, name: str, child: subprocess.Popen[bytes], colour: int) -> None:
        prefix = f"{name:{self.width}} | "
        if self.is_coloured:
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        for line in child.stdout or ():
            text = line.decode(errors="replace").rstrip()
            if text:
                print(f"{prefix}{text}", flush=True)
