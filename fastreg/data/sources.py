"""Where bytes come from: plain or compressed files and pipes, read as often as a reader needs to."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "lzma"}


STANDARD_INPUT = "-"


class Source:
    """A file that can be read several times, decompressed on the way when its first bytes say so.

    Parameters
    ----------
    path : str or path-like
        A file; or a pipe (as in `fastreg fit <(command)`) or "-" for standard input, read once and kept.

    Raises
    ------
    OSError
        Where the file is not there, is a directory or may not be read; the message is one sentence.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.name = os.fspath(path)
        self._kept: bytes | None = None
        if self.name == STANDARD_INPUT:
            self.name = "standard input"
            self._kept = _standard_input()
            return
        try:
            with open(self.name, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    self._kept = file.read()
        except FileNotFoundError:
            raise FileNotFoundError(f"There is no file {self.name!r}.") from None
        except IsADirectoryError:
            raise IsADirectoryError(f"{self.name!r} is a directory, not a data file.") from None
        except PermissionError:
            raise PermissionError(f"No permission to read {self.name!r}.") from None
        except OSError as error:
            raise OSError(f"Cannot read {self.name!r}: {error.strerror}.") from None

    def start(self, size: int) -> bytes:
        """Return the first bytes, decompressed."""
        with self.stream() as stream:
            return stream.read(size)

    @contextmanager
    def raw(self) -> Iterator[IO[bytes]]:
        """Open the bytes as they are stored."""
        file: IO[bytes] = open(self.name, "rb") if self._kept is None else io.BytesIO(self._kept)
        with file:
            yield file

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """Open the bytes, decompressed; damage in what is compressed becomes one sentence (ValueError)."""
        import lzma
        import zlib
        from importlib import import_module

        with self.raw() as file:
            start = file.read(max(map(len, _COMPRESSIONS)))
            file.seek(0)
            module = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
            if module is None:
                yield file
                return
            try:
                with import_module(module).open(file, "rb") as decompressed:
                    yield decompressed
            except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
                raise ValueError(
                    f"{self.name} is packed by {module} and damaged or cut off ({error}); fetch it again."
                ) from None

    def lines(self) -> Iterator[str]:
        """Yield the lines as text; one that is not UTF-8 is refused with its number (ValueError)."""
        with self.stream() as stream:
            for number, line in enumerate(stream, 1):
                try:
                    # "utf-8-sig" drops the mark that spreadsheets put before the first line.
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    raise ValueError(
                        f"{self.name}, line {number}: this is not UTF-8 text; save the file as UTF-8."
                    ) from None


def _standard_input() -> bytes:
    """Return everything that standard input holds."""
    if sys.stdin is None:
        raise OSError("Standard input is closed; name a file or send one through a pipe.")
    return sys.stdin.buffer.read()
