"""What compiled code depends on, as digests.

The key of a kernel holds the signature; the sources of the package, of the kernel's own module and
of the module of every term class in the signature; the functions those refer to in other modules;
the versions of everything that generates code; and the settings that change it.
"""

import functools
import hashlib
import inspect
import sys
import types as pytypes
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba.core import config, types

from fastreg.jit.bridge import classes_in

_PACKAGE = Path(__file__).resolve().parent.parent
_SHORT = 20
# Modules whose code is pinned by a version in the key, or is not compiled into kernels at all.
_PINNED = {"fastreg", "numba", "llvmlite", "numpy", *sys.stdlib_module_names} - {"__main__"}


class Undigestible(Exception):
    """Something a kernel depends on has no stable description: the kernel is not cached."""


def digest(*parts):
    """Return a short digest of text and bytes."""
    state = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.hexdigest()[:_SHORT]


@functools.cache
def package_digest():
    """Return the digest of the package's sources and of everything that generates code for them."""
    parts = [numba.__version__, llvmlite.__version__, np.__version__, sys.version]
    for file in sorted(_PACKAGE.rglob("*.py")):
        parts += [file.relative_to(_PACKAGE).as_posix(), file.read_bytes()]
    return digest(*parts)


def install_digest():
    """Return the digest of where the package is installed: each install keeps its own cache."""
    return digest(_PACKAGE, sys.prefix)


def kernel_key(function, signature, machine):
    """Return the slot and the key of a kernel for a signature; the key is None if it has none.

    The slot says which code it is, the key which state of it: after an edit of a user's module the
    slot stays and the key changes, so that the stale file can be told.
    """
    classes = classes_in(signature)
    names = {id(cls): f"{cls.__module__}.{cls.__qualname__}" for cls in classes}
    slot = digest(
        function.__module__,
        function.__qualname__,
        *(_spelled(argument, names) for argument in signature),
        machine,
        config.BOUNDSCHECK,
        config.OPT,
        config.DEBUGINFO_DEFAULT,
        config.CPU_NAME,
        config.CPU_FEATURES,
    )
    try:
        sources = _Sources()
        sources.add_function(function)
        for cls in classes:
            sources.add_class(cls)
        return slot, digest(*sources.parts)
    except Undigestible:
        return slot, None


def _spelled(kind, names):
    """Write a type with the full names of its term classes: two classes may share a short name."""
    if isinstance(kind, types.BaseNamedTuple):
        fields = zip(kind.instance_class._fields, kind, strict=True)
        inner = ", ".join(f"{name}: {_spelled(field, names)}" for name, field in fields)
        return f"{names[id(kind.instance_class)]}({inner})"
    if isinstance(kind, types.BaseTuple):
        return f"({', '.join(_spelled(inner, names) for inner in kind)})"
    return str(kind)


class _Sources:
    """Collects the source files, or failing that the code, that a kernel is made from."""

    def __init__(self):
        self.parts = []
        self._seen = set()

    def add_class(self, cls):
        self._add_module_of(cls, cls.__module__)
        for name, member in sorted(vars(cls).items(), key=lambda item: item[0]):
            function = getattr(member, "py_func", member)
            if inspect.isfunction(function) and not name.startswith("__"):
                self.add_function(function)

    def add_function(self, function):
        function = getattr(function, "py_func", function)
        if id(function) in self._seen or _root(function.__module__) in _PINNED:
            return
        self._seen.add(id(function))
        if function.__closure__:
            raise Undigestible(function.__qualname__)
        if not self._add_module_of(function, function.__module__):
            self._add_code(function.__code__)
        for name in sorted(_names_in(function.__code__)):
            if name in function.__globals__:
                self._add_global(name, function.__globals__[name], _file_of(function.__module__) is None)

    def _add_module_of(self, thing, module_name):
        """Add the whole file of a module, so that any edit of it counts; say whether there is one."""
        if _root(module_name) in _PINNED:
            return True
        file = _file_of(module_name)
        if file is None:
            if not inspect.isclass(thing) and not inspect.isfunction(thing):
                raise Undigestible(module_name)
            self.parts.append(getattr(thing, "__qualname__", ""))
            return False
        if file not in self._seen:
            self._seen.add(file)
            try:
                self.parts += [str(file), file.read_bytes()]
            except OSError as error:
                raise Undigestible(str(file)) from error
        return True

    def _add_global(self, name, value, without_file):
        function = getattr(value, "py_func", value)
        if inspect.isfunction(function):
            self.add_function(function)
        elif inspect.isclass(value) and hasattr(value, "_fields") and id(value) not in self._seen:
            self._seen.add(id(value))
            self.add_class(value)
        elif without_file and not isinstance(value, pytypes.ModuleType):
            self._add_constant(name, value)

    def _add_code(self, code):
        """Add code that has no file, as in a notebook: its bytes, names and constants."""
        self.parts += [code.co_code, repr(code.co_names)]
        for constant in code.co_consts:
            if isinstance(constant, pytypes.CodeType):
                self._add_code(constant)
            else:
                self._add_constant("", constant)

    def _add_constant(self, name, value):
        if value is None or isinstance(value, (int, float, complex, str, bytes, bool, np.generic)):
            self.parts.append(f"{name}={value!r}")
        elif isinstance(value, (tuple, frozenset)):
            for item in value if isinstance(value, tuple) else sorted(value, key=repr):
                self._add_constant(name, item)
        elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.parts += [f"{name}: {value.dtype} {value.shape}", np.ascontiguousarray(value).tobytes()]
        elif not inspect.isbuiltin(value) and not inspect.isclass(value):
            raise Undigestible(name)


def _root(module_name):
    return (module_name or "").partition(".")[0]


def _file_of(module_name):
    """Return the source file of a module as it is on disk now, or None."""
    name = getattr(sys.modules.get(module_name), "__file__", None)
    file = Path(name) if name else None
    return file if file is not None and file.suffix == ".py" and file.is_file() else None


def _names_in(code):
    """Return the global names that code refers to, those of functions inside it too."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, pytypes.CodeType):
            names |= _names_in(constant)
    return names
