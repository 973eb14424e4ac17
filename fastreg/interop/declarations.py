"""The C header, the Rust declarations and the Cython declarations, written from the table.

``python -m fastreg.interop.declarations`` writes them; a test compares.
"""

import textwrap
from pathlib import Path

from fastreg.interop import get_include
from fastreg.interop.c_api import ABI_VERSION, CAPSULE
from fastreg.interop.table import TABLE

_RUST = {"int": "c_int", "int64_t": "i64", "float": "f32", "double": "f64"}

_RULES = """\
The functions know nothing of Python: they may be called without the GIL and from any number of threads.
They allocate nothing and keep nothing.

name_f32, name_f64: over a vector. x and out hold n numbers; out is x itself or does not overlap it. The
    status is 0, or -k where the k-th argument is wrong (a null pointer, a negative n, a parameter that is
    NaN or below its bound); then nothing was written. With n = 0 the pointers may be null.
name_scalar_f32, name_scalar_f64: of one number. Parameters are not checked.
name_callback: of numbers[0], with the parameters behind it, as SciPy hands arguments over; NaN where n
    says that numbers are missing.

NaN in x comes out as NaN. All doors to fastreg (NumPy, Numba, Cython, C, Rust) give the same bits."""

_HEADER = """\
/* fastreg.h: the kernels of fastreg for C (C99 and later) and C++.

   Made by `python -m fastreg.interop.declarations`; do not edit.

{rules}

   A program asks for the table once, with the GIL:

       const fastreg_api *fastreg = fastreg_import();
       if (fastreg == NULL) ...   (a Python exception is set)

   and may from then on call fastreg->soft_threshold_f64(x, n, 0.5, x) until Python ends. Without Python.h
   (#define FASTREG_NO_PYTHON before the include) the address of the table comes from Python's
   fastreg.interop.c_api_address().

   Promise: within one abi_version members are only appended, so a program runs with every later fastreg
   of the same abi_version; `size` says how much of the table the installed one has. */
#ifndef FASTREG_H
#define FASTREG_H

#ifndef FASTREG_NO_PYTHON
#include <Python.h> /* wants to be the first */
#endif
#include <stdint.h>

#define FASTREG_ABI_VERSION {abi_version}
#define FASTREG_CAPSULE "{capsule}"

#ifdef __cplusplus
extern "C" {{
#endif

typedef struct {{
    int32_t abi_version; /* FASTREG_ABI_VERSION of the installed fastreg */
    int32_t size;        /* bytes of this table in the installed fastreg */
{members}
}} fastreg_api;

#ifndef FASTREG_NO_PYTHON
/* Return the table, or NULL with a Python exception set. Needs the GIL, and some seconds where this machine
   has not compiled the functions before. */
static inline const fastreg_api *fastreg_import(void)
{{
    const fastreg_api *api = (const fastreg_api *)PyCapsule_Import(FASTREG_CAPSULE, 0);
    if (api == NULL) {{
        return NULL;
    }}
    if (api->abi_version != FASTREG_ABI_VERSION) {{
        PyErr_Format(PyExc_ImportError,
                     "this was compiled for ABI version %d of fastreg, not the installed %d: recompile it.",
                     FASTREG_ABI_VERSION, (int)api->abi_version);
        return NULL;
    }}
    if (api->size < (int32_t)sizeof(fastreg_api)) {{
        PyErr_SetString(PyExc_ImportError,
                        "the installed fastreg is older than the one this was compiled with: upgrade it.");
        return NULL;
    }}
    return api;
}}
#endif

#ifdef __cplusplus
}}
#endif

#endif
"""

_RUST_FILE = """\
// fastreg.rs: the kernels of fastreg for Rust, the same table as fastreg.h.
//
// Made by `python -m fastreg.interop.declarations`; do not edit.
//
{rules}
//
// The address of the table comes from Python's fastreg.interop.c_api_address(), or from the capsule
// "{capsule}". Within one abi_version members are only appended.
use std::os::raw::c_int;

pub const ABI_VERSION: i32 = {abi_version};

#[repr(C)]
pub struct Api {{
    /// ABI_VERSION of the installed fastreg
    pub abi_version: i32,
    /// bytes of this table in the installed fastreg
    pub size: i32,
{members}
}}

impl Api {{
    /// The table at an address, or None where the installed fastreg has another ABI version or is older.
    ///
    /// # Safety
    /// The address must be that of a fastreg table, in this process.
    pub unsafe fn at(address: usize) -> Option<&'static Api> {{
        let header = (address as *const [i32; 2]).as_ref()?;
        let fits = header[0] == ABI_VERSION && header[1] as usize >= std::mem::size_of::<Api>();
        fits.then(|| &*(address as *const Api))
    }}
}}
"""

_CYTHON_FILE = """\
# The kernels of fastreg for Cython: cimport fastreg.interop.cython_api
#
# Made by `python -m fastreg.interop.declarations`; do not edit.
#
{rules}

from libc.stdint cimport int64_t
{members}
"""


def _described(kernel):
    """Return the formula of a kernel and the bounds of its parameters."""
    bounds = [f"{parameter.name} {parameter.rule}" for parameter in kernel.parameters]
    return "; ".join([kernel.formula, *bounds])


def _declared(kind, name):
    return f"{kind}{name}" if kind.endswith("*") else f"{kind} {name}"


def _c_arguments(entry):
    return ", ".join(_declared(kind, name) for kind, name in entry.arguments)


def _c_member(entry):
    return f"{entry.result} (*{entry.name})({_c_arguments(entry)});"


def _cython_member(entry):
    return f"cdef {entry.result} {entry.name}({_c_arguments(entry)}) noexcept nogil"


def _rust_type(kind):
    if kind.startswith("const "):
        return f"*const {_RUST[kind.removeprefix('const ').removesuffix(' *')]}"
    return f"*mut {_RUST[kind.removesuffix(' *')]}" if kind.endswith("*") else _RUST[kind]


def _rust_member(entry):
    arguments = ", ".join(f"{name}: {_rust_type(kind)}" for kind, name in entry.arguments)
    return f'pub {entry.name}: unsafe extern "C" fn({arguments}) -> {_rust_type(entry.result)},'


def cython_signature(entry):
    """Return a signature spelled as Cython spells it: it names the capsule of a function."""
    types = [f"{kind[6:-2]} const *" if kind.startswith("const ") else kind for kind in entry.types]
    return f"{entry.result} ({', '.join(types)})"


def _members(spell, indent, comment, between, end=""):
    """Return the lines of all kernels: what each is, as a comment, and its functions."""
    lines = []
    for kernel, entries in TABLE:
        described = textwrap.wrap(_described(kernel), 96)
        lines += ["", indent + comment + f"\n{indent}{between}".join(described) + end]
        lines += [f"{indent}{spell(entry)}" for entry in entries]
    return "\n".join(lines)


def _rules(margin):
    return "\n".join(f"{margin}{line}".rstrip() for line in _RULES.splitlines())


def files():
    """Return the text of each file of declarations.

    Returns
    -------
    dict of Path to str
    """
    include = Path(get_include()) / "fastreg"
    facts = {"abi_version": ABI_VERSION, "capsule": CAPSULE}
    return {
        include / "fastreg.h": _HEADER.format(
            rules=_rules("   "), members=_members(_c_member, "    ", "/* ", "   ", " */"), **facts
        ),
        include / "fastreg.rs": _RUST_FILE.format(
            rules=_rules("// "), members=_members(_rust_member, "    ", "// ", "// "), **facts
        ),
        Path(__file__).with_name("cython_api.pxd"): _CYTHON_FILE.format(
            rules=_rules("# "), members=_members(_cython_member, "", "# ", "# ")
        ),
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
