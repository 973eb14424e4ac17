"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from typing import IO


def write_whole(path: str | os.PathLike[str], write: Callable[[IO[bytes]], object]) -> None:
    """Write a file so that others see the old one or the new one, never a part.

    Parameters
    ----------
    path : str or path-like
        Where the file shall be; a symbolic link stays one, and the file it names is replaced.
    write : callable
        Called once with a binary file to write into. If it raises, the file at `path` stays as it was.

    Raises
    ------
    OSError
        Where the directory is not there or may not be written, or the disk is full: one sentence.
    """
    place = os.path.realpath(path)
    check_writable(path)
    descriptor, temporary = tempfile.mkstemp(
        dir=os.path.dirname(place), prefix=f".{os.path.basename(place)}-"
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(place))
        os.replace(temporary, place)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError):
            raise OSError(f"Cannot write {os.fspath(path)!r}: {error.strerror or error}.") from None
        raise


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise the sentence that `write_whole` would raise, before the work whose result it shall hold.

    Parameters
    ----------
    path : str or path-like
        Where a file shall be written.

    Raises
    ------
    OSError
        Where the directory is not there or may not be written, or where `path` is no ordinary file.
    """
    name, place = os.fspath(path), os.path.realpath(path)
    folder = os.path.dirname(place)
    if os.path.isdir(place):
        raise IsADirectoryError(f"Cannot write {name!r}: it is a directory; name a file in it.")
    if os.path.exists(place) and not stat.S_ISREG(os.stat(place).st_mode):
        raise OSError(f"Cannot write {name!r}: it is a device or a pipe; name an ordinary file.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"Cannot write {name!r}: there is no directory {folder!r}; make it first.")
    if os.path.exists(place) and not os.access(place, os.W_OK):
        raise PermissionError(f"Cannot write {name!r}: the file is there and may not be written.")
    try:
        # Trying is the only honest answer: access rights know nothing of quotas and read-only mounts.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise type(error)(f"Cannot write {name!r}: {error.strerror} in {folder!r}.") from None


def _mode(place: str) -> int:
    """Return the permissions of the file to be replaced, or those that a new file gets."""
    if os.path.exists(place):
        return stat.S_IMODE(os.stat(place).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
