"""The disk cache of compiled kernels.

Numba stamps only the file of the outermost function, so an edited prox would go on returning the
old answer. Here one file holds one compiled signature, and its name is a digest of everything the
code depends on (`fastreg.jit.keys`). There is no index: a file is written whole under its final
name or not at all, so that any number of processes may start at once.
"""

import contextlib
import io
import logging
import os
import pickle
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from numba.core import config
from numba.core.caching import CompileResultCacheImpl
from numba.core.compiler import CompileResult
from numba.core.serialize import NumbaPickler

from fastreg.jit.bridge import classes_in, expose_methods_in
from fastreg.jit.keys import install_digest, kernel_key, package_digest, package_is_unchanged
from fastreg.jit.notice import compiled_for

log = logging.getLogger("fastreg")

_WRITING = ".writing-"  # the beginning of a file's name until it is whole
_KEPT_VERSIONS = 3  # caches of earlier states of this install that are left in place


class CacheInfo(NamedTuple):
    """Where compiled kernels are kept, and how this process used them."""

    path: str | None  # None: nothing can be kept
    writable: bool
    hits: int  # loaded from disk by this process
    misses: int  # compiled by this process
    files: int
    bytes: int = 0  # of these files


_counts = {"hits": 0, "misses": 0}
_place: tuple[Path | None, bool] | None = None


def _candidates():
    """Return the folders that may hold the cache, first choice first."""
    for variable in ("FASTREG_CACHE_DIR", "NUMBA_CACHE_DIR"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
            return  # a folder asked for by name is not replaced by another
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        yield Path(os.environ["LOCALAPPDATA"]) / "fastreg"
    elif os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "fastreg"
    else:
        with contextlib.suppress(RuntimeError):
            yield Path.home() / ".cache" / "fastreg"
    yield Path(__file__).parent.parent / "__pycache__"


def _writable(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _locate():
    """Choose the folder of this state of the package: the first that can be written, else read."""
    leaf = Path(f"kernels-{install_digest()}") / package_digest()
    readable = None
    for base in _candidates():
        folder = base / leaf
        fresh = not folder.is_dir()
        if _writable(folder):
            if fresh:
                _forget_old_versions(folder)
            return folder, True
        if readable is None and not fresh:
            readable = folder
    if readable is None:
        log.info("fastreg: no folder for compiled kernels can be written, so every process compiles its own.")
    else:
        log.info("fastreg: %s cannot be written; what it lacks every process compiles for itself.", readable)
    return readable, False


def _forget_old_versions(folder):
    with contextlib.suppress(OSError):
        others = [other for other in folder.parent.iterdir() if other != folder and other.is_dir()]
        others.sort(key=lambda other: other.stat().st_mtime, reverse=True)
        for other in others[_KEPT_VERSIONS:]:
            for file in other.glob("*.nbc"):
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                other.rmdir()


def place():
    """Return the folder of compiled kernels (or None) and whether it can be written."""
    global _place
    if _place is None:
        _place = _locate()
    return _place


def cache_info():
    """Return where compiled kernels are kept and how this process used them.

    Returns
    -------
    CacheInfo
        Path (None: nothing can be kept), writable, hits and misses of this process, number and bytes of the
        files.
    """
    folder, writable = place()
    sizes = [] if folder is None else [size for _, size in _files_in(folder)]
    return CacheInfo(
        None if folder is None else str(folder),
        writable,
        _counts["hits"],
        _counts["misses"],
        len(sizes),
        sum(sizes),
    )


def clear_cache():
    """Remove all compiled kernels of this install, those of its earlier states too.

    Processes that run keep what they have loaded; what they compile later may not be kept.

    Returns
    -------
    (int, int)
        How many files there were, and their bytes.

    Raises
    ------
    OSError
        If a file cannot be removed.
    """
    global _place
    folder, _ = place()
    if folder is None:
        return 0, 0
    removed = 0, 0
    for state in [each for each in folder.parent.glob("*") if each.is_dir()]:
        for file, size in _files_in(state):
            file.unlink(missing_ok=True)
            removed = removed[0] + 1, removed[1] + size
        for rest in state.glob(f"{_WRITING}*"):  # of a process that was killed
            rest.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            state.rmdir()
    _place = None
    return removed


def _files_in(folder):
    """Return the files of compiled kernels in a folder, and their sizes."""
    found = []
    for file in folder.glob("*.nbc"):
        with contextlib.suppress(FileNotFoundError):  # another process may remove it
            found.append((file, file.stat().st_size))
    return found


class _Pickler(NumbaPickler):
    """Keeps term classes out of the file: a class of ``__main__`` would be stored by value."""

    def __init__(self, file, term_classes):
        super().__init__(file, protocol=4)
        self._numbers = {id(term_class): number for number, term_class in enumerate(term_classes)}

    def persistent_id(self, obj):
        return self._numbers.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, term_classes):
        super().__init__(file)
        self._term_classes = term_classes

    def persistent_load(self, number):
        return self._term_classes[number]


class KernelCache:
    """The cache of one kernel, in the form Numba's dispatcher expects.

    Parameters
    ----------
    function : function
        What is compiled.
    name : str or None
        What tells it from other functions of the same source, by default the function's own name.
    """

    def __init__(self, function, name=None):
        self._function = function
        self._name = name or function.__name__.strip("<>")
        self._locator = self  # CompileResultCacheImpl.check_cachable names the file in its warning
        self._py_file = function.__code__.co_filename
        self._lineno = function.__code__.co_firstlineno
        self._asked_at = 0.0

    @property
    def cache_path(self):
        return str(place()[0])

    def enable(self):
        """Do nothing: the cache is always on where a folder allows it."""

    def disable(self):
        """Do nothing, see `enable`."""

    def flush(self):
        """Do nothing: Numba calls this to make a dispatcher recompile in memory."""

    def _file(self, signature, target_context):
        """Return the file of a signature and the prefix of all states of its code, or None twice."""
        folder, _ = place()
        if folder is None:
            return None, None
        slot, key = kernel_key(self._function, signature, target_context.codegen().magic_tuple())
        if key is None:
            return None, None
        prefix = f"{self._name}-{slot}-"
        return folder / f"{prefix}{key}.nbc", prefix

    def load_overload(self, signature, target_context):
        """Return the compile result of a signature from disk, or None."""
        signature = getattr(signature, "args", signature)
        expose_methods_in(signature)
        target_context.refresh()
        file, _ = self._file(signature, target_context)
        result = None
        if file is not None:
            try:
                stored = file.read_bytes()
                payload = _Unpickler(io.BytesIO(stored), classes_in(signature)).load()
                result = CompileResult._rebuild(target_context, *payload)
            except FileNotFoundError:
                pass
            except Exception as error:  # a damaged file must cost a compilation, not a fit
                log.info("fastreg: %s cannot be read (%s) and is compiled anew.", file, error)
        _counts["misses" if result is None else "hits"] += 1
        self._asked_at = time.perf_counter()
        return result

    def save_overload(self, signature, result):
        """Write the compile result of a signature, whole or not at all."""
        signature = getattr(signature, "args", signature)
        folder, writable = place()
        compiled_for(time.perf_counter() - self._asked_at, writable)
        if not writable or config.DISABLE_JIT or not CompileResultCacheImpl.check_cachable(self, result):
            return
        file, prefix = self._file(signature, result.target_context)
        if file is None or not package_is_unchanged():  # the code in memory is not that of the sources
            return
        stored = io.BytesIO()
        try:
            _Pickler(stored, classes_in(signature)).dump(result._reduce())
            # Not a file of the tempfile module: only its owner could read it, and an install may be shared.
            temporary = folder / f"{_WRITING}{secrets.token_hex(8)}"
            try:
                temporary.write_bytes(stored.getvalue())
                temporary.replace(file)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except (OSError, pickle.PicklingError, TypeError) as error:
            log.info("fastreg: %s cannot be kept (%s).", file, error)
            return
        for old in folder.glob(f"{prefix}*.nbc"):  # the code before its last edit
            if old != file:
                with contextlib.suppress(OSError):
                    old.unlink()
