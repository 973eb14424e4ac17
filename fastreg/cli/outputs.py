"""What a command writes: refused before the work whose result it shall hold, written after all of it."""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from .activity import Activity
    from .pictures import Pictures
    from .telling import Told

_STANDARD = "-"
_OPTIONS = "out", "plot", "report"
_PICTURES = (".png", ".pdf", ".svg")
_PAGES = (".html", ".htm")


def check_outputs(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written: one sentence (ValueError, OSError).

    Parameters
    ----------
    arguments : argparse.Namespace
        Looked at are `out`, `plot` and `report`, which must be different files that can be written and none
        of those that are read, `file` and `model`.
    """
    from fastreg.data import check_writable

    given = vars(arguments)
    written = {option: given[option] for option in _OPTIONS if given.get(option) not in (None, _STANDARD)}
    places: dict[str, str] = {}
    for option, path in written.items():
        check_writable(path)
        for role, name in (("data file", "file"), ("model", "model")):
            if _same(path, given.get(name)):
                raise ValueError(f"--{option} {path!r} is the {role} itself; name another file.")
        other = places.setdefault(os.path.realpath(path), option)
        if other != option:
            raise ValueError(f"--{other} and --{option} are both {path!r}; name two files.")
    if "plot" in written and not written["plot"].lower().endswith(_PICTURES):
        raise ValueError(
            f"--plot {written['plot']!r} is no name of a picture; let it end in .png, .pdf or .svg."
        )
    if "report" in written and not written["report"].lower().endswith(_PAGES):
        raise ValueError(f"--report {written['report']!r} is no name of a page; let it end in .html.")
    for option in ("plot", "report"):
        if option in written:
            check_drawing(option)


def check_drawing(option: str) -> None:
    """Refuse pictures without matplotlib."""
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError(
            f"--{option} needs matplotlib, which is not here; python -m pip install matplotlib brings it."
        )


def _same(path: str, other: str | None) -> bool:
    """Whether two names, of which one may be missing, lead to the same file."""
    if other is None or not (os.path.exists(path) and os.path.exists(other)):
        return False
    return os.path.samefile(path, other)


def write_outputs(
    arguments: argparse.Namespace,
    activity: Activity,
    report: Mapping[str, Any],
    told: Told,
    pictures: Pictures,
    save: Callable[[str], None] | None = None,
) -> None:
    """Write what was asked for; all of it is made before the first file is written.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of it, `out`, `plot` and `report`.
    activity : Activity
    report, told : mapping, Told
        What the command tells.
    pictures : Pictures
    save : callable, optional
        Writes the file of `--out`.
    """
    from fastreg.data import write_whole

    contents: dict[str, bytes] = {}
    if pictures.plot is not None:
        activity.now(f"drawing {arguments.plot}")
        form = os.path.splitext(arguments.plot)[1][1:].lower()
        contents[arguments.plot] = drawn_bytes(pictures.plot.figure, form)
    if arguments.report is not None:
        from .pages import page

        activity.now(f"drawing {arguments.report}")
        contents[arguments.report] = page(arguments, report, told, pictures.page).encode()
    if save is not None and arguments.out is not None:
        activity.now(f"writing {arguments.out}")
        save(arguments.out)
        activity.wrote(arguments.out)
    for path, content in contents.items():
        activity.now(f"writing {path}")
        write_whole(path, partial(_put, content))
        activity.wrote(path)


def _put(content: bytes, file: IO[bytes]) -> None:
    file.write(content)


def drawn_bytes(figure: Any, form: str) -> bytes:
    """Return a figure as a file of this form shall hold it: "png", "pdf" or "svg"."""
    from io import BytesIO

    import matplotlib

    drawn = BytesIO()
    # The date of its making and random names inside would let the same command write another file each time.
    undated: Mapping[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form, {})
    with matplotlib.rc_context({"svg.hashsalt": "fastreg"}), warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message=r"Glyph .* missing from font")
        figure.savefig(drawn, format=form, metadata=undated)
    texts = [str(warning.message) for warning in caught]
    boxes = "The font of the picture lacks characters of a name; they are drawn as boxes."
    for text in dict.fromkeys(boxes if "missing from font" in text else text for text in texts):
        warnings.warn(text, stacklevel=2)
    return drawn.getvalue()
