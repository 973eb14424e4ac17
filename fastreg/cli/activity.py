"""What is being done at the moment: a line that a terminal shows on long work, and what Ctrl-C reports."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

_BAR = 24


class Activity:
    """The stage of a long piece of work, drawn on a terminal once it has taken half a second.

    A thread draws it, so that stages which never call back (reading, compiling) show their seconds too.

    Parameters
    ----------
    stream : text file, optional
        By default standard error; nothing is drawn unless it is a terminal.
    delay : float
        Seconds before the first drawing.
    """

    def __init__(self, stream: TextIO | None = None, delay: float = 0.5):
        self.stage = "starting"
        self.written: list[str] = []
        self.fraction: float | None = None
        self._stream = sys.stderr if stream is None else stream
        self._delay = delay
        self._began = time.monotonic()
        self._done = threading.Event()
        self._drawn = 0
        self._thread: threading.Thread | None = None

    def now(self, stage: str, fraction: float | None = None) -> None:
        """Enter a stage; `fraction` (0 to 1) says how much of it is done, where that is known."""
        self.stage, self.fraction = stage, fraction

    def wrote(self, path: str) -> None:
        """Remember a file that is complete."""
        self.written.append(path)

    def seconds(self) -> float:
        """Return the seconds since the work began."""
        return time.monotonic() - self._began

    def __enter__(self) -> Activity:
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._draw, name="fastreg-progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._done.set()
            self._thread.join()
            self._put("")

    def _draw(self) -> None:
        wait = self._delay
        while not self._done.wait(wait):
            self._put(self._line())
            wait = 0.1

    def _line(self) -> str:
        if self.fraction is None:
            return f"{self.stage}  {self.seconds():.0f} s"
        full = round(min(1.0, self.fraction) * _BAR)
        return (
            f"[{'#' * full}{'.' * (_BAR - full)}] {self.fraction:4.0%}  {self.stage}  {self.seconds():.0f} s"
        )

    def _put(self, line: str) -> None:
        """Write over what was drawn last; a line that would wrap could not be overwritten."""
        line = line[: _columns(self._stream) - 1]
        if line or self._drawn:
            self._stream.write("\r" + line.ljust(self._drawn) + ("" if line else "\r"))
            self._stream.flush()
        self._drawn = len(line)


def _columns(stream: TextIO) -> int:
    """Return the width of the terminal behind a stream."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
