"""Doors for other languages: the C table and its header, and the table that Cython and SciPy read."""

from pathlib import Path


def get_include() -> str:
    """Return the folder to hand to a C or C++ compiler: it holds ``fastreg/fastreg.h`` and ``fastreg.rs``.

    Returns
    -------
    str

    Examples
    --------
    >>> from pathlib import Path
    >>> import fastreg
    >>> (Path(fastreg.get_include()) / "fastreg" / "fastreg.h").is_file()
    True
    """
    return str(Path(__file__).resolve().parent.parent / "include")


def __getattr__(name):
    # Loaded late: a build that asks for the headers needs no Numba.
    if name == "_C_API":
        from fastreg.interop.c_api import c_api_capsule

        return c_api_capsule()
    if name == "c_api_address":
        from fastreg.interop.c_api import c_api_address

        return c_api_address
    raise AttributeError(f"module 'fastreg.interop' has no attribute {name!r}")
