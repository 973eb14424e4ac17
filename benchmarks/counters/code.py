"""What the compiler made of the kernels: instructions, and what kind of arithmetic, by specialisation."""

import itertools
import re
import sys
from collections import Counter

import numpy as np
from numba import types

import fastreg
from fastreg.designs import Dense, Sparse
from fastreg.jit.diskcache import KernelCache

from .problems import tall, text

_FUNCTION = re.compile(r"^\s*\.type\s+(\S+),@function")
_INSTRUCTION = re.compile(r"^\s+([a-z][a-z0-9]*)\b")
_ARITHMETIC = re.compile(r"^v?(?:add|sub|mul|div|sqrt|min|max|fn?m(?:add|sub)\d+)(p|s)[sd]$")
_DOOR = "_ZN7cpython"  # what Python calls: it takes arguments apart, and is not the kernel


@fastreg.kernel
def dot(design, j, v):
    """Compile one dot product by itself, so that a digest bears its name."""
    return design.dot(j, v)


@fastreg.kernel
def axpy(design, j, a, v):
    """Compile one update by itself."""
    design.axpy(j, a, 1.0, v)


@fastreg.kernel
def products(design, v, out):
    """Compile the pass over all vectors by itself."""
    design.products(v, 0, out.size, out)


def compile_methods():
    """Compile the hottest methods of the designs, each in a kernel of its own."""
    X, _ = tall()
    S, _ = text()
    sparse = Sparse(S.data, S.indices.astype(np.uint32), S.indptr.astype(np.int64))
    for design, shape in ((Dense(X.T), X.shape), (Dense(X.T.astype(np.float32)), X.shape), (sparse, S.shape)):
        dtype = design[0].dtype
        v, out = np.ones(shape[0], dtype), np.empty(shape[1], dtype)
        dot(design, 0, v)
        axpy(design, 0, dtype.type(0.5), v)
        products(design, v, out)


def spelled(kind):
    """Return the short name of a type: ``f8[,]`` is a float64 matrix by rows, ``!`` a frozen array."""
    if isinstance(kind, types.Array):
        order = "" if kind.layout == "C" else kind.layout
        return f"{spelled(kind.dtype)}[{',' * (kind.ndim - 1)}]{order}{'' if kind.mutable else '!'}"
    if isinstance(kind, types.BaseNamedTuple):
        return f"{kind.instance_class.__name__}({listed(kind)})"
    if isinstance(kind, types.Literal):
        return repr(kind.literal_value)
    if isinstance(kind, types.Number):
        return np.dtype(str(kind)).str[1:]
    return str(kind)


def listed(kinds):
    """Return the names of some types, those in a row that are alike as one."""
    runs = [(name, len(list(run))) for name, run in itertools.groupby(map(spelled, kinds))]
    return ", ".join(f"{times} {name}" if times > 1 else name for name, times in runs)


def digest(assembly):
    """Count the instructions of x86 assembly in AT&T syntax, without the door for Python.

    Returns
    -------
    dict
        instructions; packed and scalar floating-point operations; gathers.
    """
    found = Counter(instructions=0, packed=0, scalar=0, gathers=0)
    counted = True
    for line in assembly.splitlines():
        if function := _FUNCTION.match(line):
            counted = not function[1].startswith(_DOOR)
        elif counted and (instruction := _INSTRUCTION.match(line)):
            found["instructions"] += 1
            if arithmetic := _ARITHMETIC.match(instruction[1]):
                found["packed" if arithmetic[1] == "p" else "scalar"] += 1
            elif instruction[1].startswith("vgather"):
                found["gathers"] += 1
    return dict(found)


def kernels():
    """Return every kernel of the modules that are loaded, by the name of its module and its own."""
    found = {}
    # By the names under which they are loaded: not all that packages put there are modules, and have one.
    for loaded, module in list(sys.modules.items()):
        if loaded.partition(".")[0] not in ("fastreg", __name__.partition(".")[0]):
            continue
        for value in vars(module).values():
            if isinstance(getattr(value, "_cache", None), KernelCache):
                function = value.py_func
                module_name = function.__module__.removeprefix("fastreg.")
                module_name = "methods" if function.__module__ == __name__ else module_name
                found[f"{module_name}.{function.__name__}"] = value
    return found


def digests():
    """Return the digest of every specialisation that this process compiled, by kernel and signature."""
    return {
        name: {
            listed(signature): digest(overload.library.get_asm_str())
            for signature, overload in kernel.overloads.items()
        }
        for name, kernel in kernels().items()
        if kernel.overloads
    }
