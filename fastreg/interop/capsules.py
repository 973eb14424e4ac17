"""Python objects that carry C pointers."""

import ctypes

# Python keeps no copy of a capsule's name.
_names: list[bytes] = []


def capsule(address, name):
    """Return a capsule of a pointer that stays valid as long as the process lives."""
    _names.append(name.encode())
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return new(address, _names[-1], None)
