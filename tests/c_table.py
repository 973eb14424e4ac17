"""The C table as a foreign program sees it, and the examples of the pages about it."""

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from fastreg.interop.table import ENTRIES

DOCS = Path(__file__).resolve().parent.parent / "docs"
_NUMBERS = {
    "int": ctypes.c_int,
    "int64_t": ctypes.c_int64,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
}
BY_NAME = {entry.name: entry for entry in ENTRIES}
DTYPES = {"f32": np.float32, "f64": np.float64}


def c_type(spelled):
    return ctypes.c_void_p if spelled.endswith("*") else _NUMBERS[spelled]


def c_function(name):
    """Return a function of the table as ctypes calls it: without the GIL."""
    entry = BY_NAME[name]
    return ctypes.CFUNCTYPE(c_type(entry.result), *map(c_type, entry.types))(entry.address())


def example(page, language, name):
    """Return the source of a page whose first line names it."""
    text = (DOCS / page).read_text("utf-8")
    (source,) = re.findall(rf"^```{language}\n((?:/\*|//|#) {re.escape(name)}.*?)^```", text, re.M | re.S)
    return source


def build(*command, **options):
    """Run a compiler that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def importing_environment():
    """Variables for a program that embeds Python and must find what this process can import."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
