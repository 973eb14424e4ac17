"""The header, the Rust file and the .pxd say what the table says, and what was published stays."""

import ctypes
import importlib
from pathlib import Path

import pytest

from fastreg import get_include
from fastreg.interop import c_api_address, cython_api
from fastreg.interop.declarations import cython_signature, files
from fastreg.interop.table import ENTRIES

PUBLISHED = Path(__file__).with_name("published.txt")


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_declarations_are_those_of_the_table(path):
    assert path.read_text("utf-8") == files()[path], "run python -m fastreg.interop.declarations"


def test_what_was_published_keeps_its_place():
    """A program compiled against an older header finds functions by their place: lines here only get more."""
    published = PUBLISHED.read_text("utf-8").splitlines()
    assert [f"{entry.name}: {cython_signature(entry)}" for entry in ENTRIES] == published


def test_headers_are_installed():
    assert (Path(get_include()) / "fastreg" / "fastreg.h").is_file()


def test_the_table_begins_with_version_and_size():
    address = c_api_address()
    version, size = (ctypes.c_int32 * 2).from_address(address)
    assert version == 1
    assert size == 8 + len(ENTRIES) * ctypes.sizeof(ctypes.c_void_p)
    pointers = (ctypes.c_size_t * len(ENTRIES)).from_address(address + 8)
    assert list(pointers) == [entry.address() for entry in ENTRIES]
    assert 0 not in pointers
    assert c_api_address() == address


def test_capsules_bear_the_signatures():
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.restype, name_of.argtypes = ctypes.c_char_p, (ctypes.py_object,)
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    capsules = cython_api.__pyx_capi__
    assert type(capsules) is dict  # what Cython asks for
    assert list(capsules) == [entry.name for entry in ENTRIES]
    for entry in ENTRIES:
        signature = name_of(capsules[entry.name])
        assert signature.decode() == cython_signature(entry)
        assert pointer_of(capsules[entry.name], signature) == entry.address()


@pytest.mark.parametrize("module", ["fastreg.interop", "fastreg.interop.cython_api"])
def test_other_names_are_refused(module):
    with pytest.raises(AttributeError, match="nonsense"):
        importlib.import_module(module).nonsense  # noqa: B018
