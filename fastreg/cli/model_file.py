"""The model file: an npz archive with a JSON header, never a pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT_VERSION = 1


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
        What else the header says: `task`, `loss`, `penalty`, `strength`, `l1_ratio`, `classes` and
        `standardize`.

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

    from fastreg import __version__
    from fastreg.data import Numbered, write_whole

    names: Any = list(feature_names)
    if isinstance(feature_names, Numbered):
        names = {
            "prefix": feature_names.prefix,
            "first": feature_names.numbers.start,
            "count": len(feature_names),
        }
    header = {"version": FORMAT_VERSION, "fastreg": __version__, **described, "feature_names": names}
    arrays: dict[str, Any] = {
        # Text arrays take four bytes a character, and would need a length; bytes of JSON need neither.
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "coef": np.asarray(coef, dtype=np.float64),
        "intercept": np.float64(intercept),
    }
    write_whole(path, lambda file: np.savez(file, **arrays))
