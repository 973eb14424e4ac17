"""What compiled code depends on, as digests.

The key of a kernel holds the signature; the sources of the package, of the kernel's own module and
of the module of every term class in the signature; the functions, classes and constants those refer
to, in other modules too; the versions of everything that generates code; and the settings that
change it.
"""

import functools
import hashlib
import inspect
import os
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
# Folders of code that a version in the key stands for.
_PINNED = (_PACKAGE, *(Path(str(module.__file__)).resolve().parent for module in (numba, llvmlite, np, os)))
_INSTALLED = {"site-packages", "dist-packages"}  # inside the standard library's folder, but not of it
_CONSTANTS = (int, float, complex, str, bytes, np.generic, np.dtype)
# Methods of terms that run in plain Python only.
_NEVER_COMPILED = ("checked", "checked_target")


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


def _digest_of_package():
    parts = [numba.__version__, llvmlite.__version__, np.__version__, sys.version]
    for file in sorted(_PACKAGE.rglob("*.py")):
        parts += [file.relative_to(_PACKAGE).as_posix(), file.read_bytes()]
    return digest(*parts)


_AT_IMPORT = _digest_of_package()


def package_digest():
    """Return the digest of the package's sources at import, and of all that generates code from them."""
    return _AT_IMPORT


def package_is_unchanged():
    """Tell whether the sources are still those of `package_digest`, so that code from them may be kept."""
    return _digest_of_package() == _AT_IMPORT


def install_digest():
    """Return the digest of where the package is installed: each install keeps its own cache."""
    return digest(_PACKAGE, sys.prefix)


def kernel_key(function, signature, machine):
    """Return the slot and the key of a kernel for a signature, or None twice if it cannot be cached.

    The slot says which code it is, the key which state of it: after an edit of a user's module the
    slot stays and the key changes, so that the stale file can be told.
    """
    classes = classes_in(signature)
    names = {id(cls): f"{_file_of(cls.__module__)}:{cls.__module__}.{cls.__qualname__}" for cls in classes}
    try:
        slot = digest(
            _file_of(function.__module__),
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
        sources = _Sources()
        sources.add_function(function)
        for cls in classes:
            sources.add_class(cls)
    except Undigestible:
        return None, None
    return slot, digest(*sources.parts)


def _spelled(kind, names):
    """Write a type with the full names of its term classes: two classes may share a short name."""
    if isinstance(kind, types.BaseNamedTuple):
        fields = zip(kind.instance_class._fields, kind, strict=True)
        inner = ", ".join(f"{name}: {_spelled(field, names)}" for name, field in fields)
        return f"{names[id(kind.instance_class)]}({inner})"
    if isinstance(kind, types.BaseTuple):
        return f"({', '.join(_spelled(inner, names) for inner in kind)})"
    if isinstance(kind, (types.Callable, types.ClassInstanceType)):
        raise Undigestible(str(kind))  # named by its address, which is another in every process
    return str(kind)


class _Sources:
    """Collects the source files and the code that a kernel is made from.

    The files, so that any edit counts; the code as it is in memory, because a file may have been
    edited after it was imported, and because a notebook has none.
    """

    def __init__(self):
        self.parts = []
        self._seen = set()

    def add_class(self, cls):
        if not self._is_new(cls) or _is_pinned(cls.__module__):
            return
        self._add_file_of(cls.__module__)
        self.parts += [cls.__qualname__, repr(getattr(cls, "_fields", ()))]
        for base in cls.__bases__:
            self.add_class(base)
        for name, member in sorted(vars(cls).items(), key=lambda item: item[0]):
            function = getattr(member, "py_func", member)
            if inspect.isfunction(function) and name not in _NEVER_COMPILED and not name.startswith("__"):
                self.add_function(function)

    def add_function(self, function):
        function = getattr(function, "py_func", function)
        if not self._is_new(function) or _is_pinned(function.__module__):
            return
        has_file = self._add_file_of(function.__module__)
        self._add_code(function.__code__)
        self.add_value("", function.__defaults__, has_file)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self.add_value(name, cell.cell_contents, False)
        names = _names_in(function.__code__)
        for name in names:
            if name in function.__globals__:
                self.add_value(name, function.__globals__[name], has_file, names)

    def add_value(self, name, value, has_file, attributes=()):
        """Add what a name stands for: Numba compiles its value in.

        Parameters
        ----------
        has_file : bool
            Whether the value is fixed by a source file that was added, in case it cannot be described.
        attributes : list of str
            Names that may be asked of it, if it is a module.
        """
        function = getattr(value, "py_func", value)
        if inspect.isfunction(function):
            self.add_function(function)
        elif inspect.isclass(value):
            self.add_class(value)
        elif inspect.ismodule(value):
            self._add_module(value, attributes)
        elif isinstance(value, (tuple, frozenset)):
            self.add_class(type(value))
            for item in value if isinstance(value, tuple) else sorted(value, key=repr):
                self.add_value(name, item, has_file)
        elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.parts += [f"{name}: {value.dtype} {value.shape}", np.ascontiguousarray(value).tobytes()]
        elif value is None or value is ... or isinstance(value, _CONSTANTS):
            self.parts.append(f"{name}={value!r}")
        elif inspect.isbuiltin(value):
            self.parts.append(f"{name}={value.__module__}.{value.__qualname__}")
        elif not _is_pinned(type(value).__module__):
            self.add_class(type(value))
            if not has_file:
                raise Undigestible(name)

    def _add_module(self, module, attributes):
        if _is_pinned(module.__name__):
            return
        self._add_file_of(module.__name__)
        for attribute in attributes:
            if hasattr(module, attribute) and (id(module), attribute) not in self._seen:
                self._seen.add((id(module), attribute))
                self.add_value(attribute, getattr(module, attribute), True, attributes)

    def _is_new(self, thing):
        if id(thing) in self._seen:
            return False
        self._seen.add(id(thing))
        return True

    def _add_file_of(self, module_name):
        """Add the whole file of a module; say whether there is one."""
        file = _file_of(module_name)
        if file is not None and file not in self._seen:
            self._seen.add(file)
            try:
                self.parts += [str(file), file.read_bytes()]
            except OSError as error:
                raise Undigestible(str(file)) from error
        return file is not None

    def _add_code(self, code):
        self.parts += [code.co_name, code.co_code, repr(code.co_names)]
        for constant in code.co_consts:
            if isinstance(constant, pytypes.CodeType):
                self._add_code(constant)
            else:
                self.add_value("", constant, False)


@functools.cache
def _is_pinned(module_name):
    file = _file_of(module_name)
    if file is None:
        return False
    return any(
        file.is_relative_to(folder) and not _INSTALLED.intersection(file.relative_to(folder).parts)
        for folder in _PINNED
    )


def _file_of(module_name):
    """Return the source file of a module as it is on disk now, or None."""
    name = getattr(sys.modules.get(module_name), "__file__", None)
    file = Path(name) if name else None
    return file.resolve() if file is not None and file.suffix == ".py" and file.is_file() else None


def _names_in(code):
    """Return the names of globals and attributes that code refers to, those of functions inside it too."""
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, pytypes.CodeType):
            names += _names_in(constant)
    return sorted(set(names))
