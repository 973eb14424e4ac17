"""The model file: an npz archive with a JSON header, never a pickle."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from fastreg.data import Columns

    from .models import Model

FORMAT_VERSION = 1


class Stored(NamedTuple):
    """A model as its file tells it; see `write_model` for the words."""

    coef: np.ndarray
    intercept: float
    feature_names: Sequence[str]
    task: str
    loss: str
    penalty: str
    strength: float
    l1_ratio: float | None
    classes: list[Any] | None
    standardize: bool
    target: str
    dropped: list[str]

    def model(self) -> Model:
        """Return the loss and penalty that the weights were fitted with."""
        from .models import model_of

        return model_of(self.task, self.penalty, self.l1_ratio, self.standardize)

    def columns(self, dropped: Sequence[str]) -> Columns:
        """Return the columns to look up in a file, and those to leave out besides what the fit left out."""
        from fastreg.data import Columns

        return Columns(self.feature_names, self.target, [*self.dropped, *dropped])

    def told(self) -> dict[str, Any]:
        """Return what the header says of the problem."""
        parts = {"coef", "intercept", "feature_names"}
        return {key: value for key, value in self._asdict().items() if key not in parts}


def write_model(
    path: str | os.PathLike[str],
    coef: Any,
    intercept: float,
    feature_names: Sequence[str],
    described: Mapping[str, Any],
) -> None:
    """Write a model whole or not at all.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    coef : ndarray of shape (n_features,)
        Weights in the units of the data.
    intercept : float
        The intercept.
    feature_names : sequence of str
        One name per weight; names that are only numbered are stored as prefix, first number and count.
    described : mapping
        What else the header says: `task`, `loss`, `penalty`, `strength`, `l1_ratio`, `classes`,
        `standardize`, `target` and `dropped`.

    Raises
    ------
    OSError
        Where the file cannot be written: one sentence.

    Notes
    -----
    The archive holds `coef` and `intercept` (float64) and `header`, the UTF-8 bytes of a JSON object with the
    version of this format, the version of fastreg and what is described above.
    """
    import numpy as np

    from fastreg.data import write_whole

    arrays: dict[str, Any] = {
        "header": header_bytes(described, feature_names),
        "coef": np.asarray(coef, dtype=np.float64),
        "intercept": np.float64(intercept),
    }
    write_whole(path, lambda file: np.savez(file, **arrays))


def header_bytes(described: Mapping[str, Any], feature_names: Sequence[str]) -> np.ndarray:
    """Return the header of an archive as an array of bytes."""
    import numpy as np

    from fastreg import __version__
    from fastreg.data import Numbered

    names: Any = list(feature_names)
    if isinstance(feature_names, Numbered):
        names = {
            "prefix": feature_names.prefix,
            "first": feature_names.numbers.start,
            "count": len(feature_names),
        }
    header = {"version": FORMAT_VERSION, "fastreg": __version__, **described, "feature_names": names}
    # Text arrays take four bytes a character, and would need a length; bytes of JSON need neither.
    return np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)


def read_model(path: str | os.PathLike[str]) -> Stored:
    """Read a model file, without ever unpickling.

    Parameters
    ----------
    path : str or path-like
        A file that `write_model` wrote, or "-" for standard input.

    Returns
    -------
    Stored

    Raises
    ------
    ValueError
        Where the file is no npz archive, is cut off, holds Python objects, is of another version, or lacks a
        part or holds one that does not fit: one sentence.
    OSError
        Where the file cannot be opened.
    """
    import numpy as np

    from fastreg.data import Source

    source = Source(path)
    try:
        with source.raw() as file:
            if file.read(2) != b"PK":
                raise ValueError(
                    f"{source.name} is no model file: it is no npz archive, as 'fastreg fit --out' writes."
                )
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                parts = {key: _part(source.name, archive, key) for key in ("header", "coef", "intercept")}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"{source.name} is damaged or cut off ({error}); write the model again.") from None
    header = _header(source.name, parts["header"])
    return _stored(source.name, header, parts["coef"], parts["intercept"])


def _part(name: str, archive: Any, key: str) -> np.ndarray:
    """Return an array of the archive."""
    if key not in archive.files:
        raise ValueError(f"{name} is no model file: it is an npz archive without {key!r}.")
    try:
        return archive[key]
    except ValueError as error:
        fault = (
            "holds Python objects, which are never loaded"
            if "pickle" in str(error)
            else f"is damaged ({error})"
        )
        raise ValueError(f"{name}: the part {key!r} {fault}; write the model again.") from None


def _header(name: str, part: np.ndarray) -> dict[str, Any]:
    """Return the header of this version."""
    try:
        header = json.loads(part.tobytes())
    except ValueError:
        raise ValueError(f"{name}: the header is damaged; write the model again.") from None
    version = header.get("version") if isinstance(header, dict) else None
    if version != FORMAT_VERSION:
        from fastreg import __version__

        raise ValueError(
            f"{name} is a model file of version {version!r}, and fastreg {__version__} reads version "
            f"{FORMAT_VERSION}; write the model again with this fastreg."
        )
    return header


_KNOWN: dict[str, Callable[[Any], bool]] = {
    "task": lambda value: value in ("regression", "classification"),
    "loss": lambda value: value in ("squared", "logistic"),
    "penalty": lambda value: value in ("l1", "l2", "elasticnet"),
    "strength": lambda value: _is_number(value) and 0 <= value < float("inf"),
    "l1_ratio": lambda value: value is None or (_is_number(value) and 0 <= value <= 1),
    "classes": lambda value: value is None or _are_classes(value),
    "standardize": lambda value: isinstance(value, bool),
    "target": lambda value: isinstance(value, str),
    "dropped": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "feature_names": lambda value: isinstance(value, (dict, list)),
}

_TASKS = {("regression", "squared", True), ("classification", "logistic", False)}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _are_classes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and value[0] != value[1]
        and (all(isinstance(name, str) for name in value) or all(_is_number(name) for name in value))
    )


def _stored(name: str, header: dict[str, Any], coef: np.ndarray, intercept: np.ndarray) -> Stored:
    """Return the model once all parts are there and fit together."""
    import numpy as np

    for key, is_known in _KNOWN.items():
        if key not in header:
            raise ValueError(f"{name}: the header does not say {key!r}; write the model again.")
        if not is_known(header[key]):
            raise ValueError(
                f"{name}: the header says {key!r} is {header[key]!r}, which cannot be; write it again."
            )
    fits_task = (header["task"], header["loss"], header["classes"] is None) in _TASKS
    if not fits_task or (header["penalty"] == "elasticnet") != (header["l1_ratio"] is not None):
        raise ValueError(
            f"{name}: the header contradicts itself ({header['task']}, {header['loss']} loss, classes "
            f"{header['classes']!r}, {header['penalty']}, l1_ratio {header['l1_ratio']!r}); write it again."
        )
    names = _names(name, header["feature_names"])
    for key, part in (("coef", coef), ("intercept", intercept)):
        if part.dtype.kind != "f" or not np.isfinite(part).all():
            raise ValueError(
                f"{name}: {key!r} holds something that is no finite number; write the model again."
            )
    if coef.shape != (len(names),) or intercept.shape != ():
        raise ValueError(
            f"{name}: {coef.size:,} weights and {intercept.size} intercepts do not match {len(names):,} "
            "names; write the model again."
        )
    told = {key: header[key] for key in _KNOWN if key != "feature_names"}
    return Stored(coef.astype(float), float(intercept), names, **told)


def _names(name: str, stored: Any) -> Sequence[str]:
    """Return the names of the weights as they were stored: a list, or prefix, first number and count."""
    from fastreg.data import Numbered

    if isinstance(stored, list) and all(isinstance(entry, str) for entry in stored):
        return stored
    if isinstance(stored, dict):
        prefix, first, count = (stored.get(key) for key in ("prefix", "first", "count"))
        if isinstance(prefix, str) and type(first) is int and type(count) is int:
            return Numbered(prefix, first, count)
    raise ValueError(f"{name}: the names of the columns are damaged; write the model again.")
