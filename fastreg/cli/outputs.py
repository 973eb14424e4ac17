"""What a command writes: refused before the work whose result it shall hold, written after all of it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

_STANDARD = "-"
_PICTURES = (".png", ".pdf", ".svg")


def check_outputs(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written: one sentence (ValueError, OSError).

    Parameters
    ----------
    arguments : argparse.Namespace
        Looked at are `out` and `plot`, which must be files that can be written and none of those that are
        read, `file` and `model`.
    """
    from fastreg.data import check_writable

    given = vars(arguments)
    written = {
        option: given[option] for option in ("out", "plot") if given.get(option) not in (None, _STANDARD)
    }
    for option, path in written.items():
        check_writable(path)
        for role, name in (("data file", "file"), ("model", "model")):
            if _same(path, given.get(name)):
                raise ValueError(f"--{option} {path!r} is the {role} itself; name another file.")
    if len(written) == 2 and os.path.realpath(written["out"]) == os.path.realpath(written["plot"]):
        raise ValueError(f"--out and --plot are both {written['plot']!r}; name two files.")
    if "plot" in written:
        check_picture(written["plot"])


def check_picture(path: str) -> None:
    """Refuse a picture of an unknown kind, and all of them without matplotlib."""
    if not path.lower().endswith(_PICTURES):
        raise ValueError(f"--plot {path!r} is no name of a picture; let it end in .png, .pdf or .svg.")
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError(
            "--plot needs matplotlib, which is not here; python -m pip install matplotlib brings it."
        )


def _same(path: str, other: str | None) -> bool:
    """Whether two names, of which one may be missing, lead to the same file."""
    if other is None or not (os.path.exists(path) and os.path.exists(other)):
        return False
    return os.path.samefile(path, other)


def picture_bytes(figure: Any, path: str) -> bytes:
    """Return a figure as the file of this name shall hold it."""
    from io import BytesIO

    import matplotlib

    drawn = BytesIO()
    form = os.path.splitext(path)[1][1:].lower()
    # The date of its making and random names inside would let the same command write another file each time.
    undated: Mapping[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form, {})
    with matplotlib.rc_context({"svg.hashsalt": "fastreg"}):
        figure.savefig(drawn, format=form, metadata=undated)
    return drawn.getvalue()
