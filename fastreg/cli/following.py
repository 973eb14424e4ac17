"""`fastreg path`: fit at a falling sequence of strengths."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING, Any

from .models import STRENGTHS, TOLERANCE, rows_of
from .outputs import check_outputs, write_outputs
from .preparing import Kernels, data_told, prepared, problem_told
from .running import run

if TYPE_CHECKING:
    import argparse

    from .activity import Activity


def path(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling import path_told

    return run(arguments, _followed, lambda report: text_of(path_told(report)))


def _followed(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)
    import numpy as np

    import fastreg
    from fastreg.data import write_whole

    from .pictures import histograms_drawn, path_drawn, pictures_of
    from .telling import path_told

    asked = STRENGTHS if arguments.strengths is None else arguments.strengths
    count = asked if isinstance(asked, int) else len({*asked})
    done = 0

    def tell(progress: Any) -> bool:
        nonlocal done
        done += progress.n_iter == 0  # the first word of each fit
        activity.now("following the path", (done - 1) / count)
        return False

    kernels = Kernels()
    kernels.warm_up(ready, activity)
    with ready.clock("solve"):
        found = ready.model.path(
            rows_of(ready.table.X, slice(None)), ready.target.y, asked, arguments.ratio, callback=tell
        )
    described, names = problem_told(ready, arguments.drop), ready.table.feature_names
    plot = partial(path_drawn, ready, found)
    page = [plot, partial(histograms_drawn, ready, found)]
    pictures = pictures_of(arguments, activity, ready.clock, plot, page)
    non_zeros = np.diff(found.coefs.indptr)
    report = {
        "fastreg": fastreg.__version__,
        **described,
        **data_told(ready),
        "tol": TOLERANCE,
        "path": [
            {
                "strength": float(found.strengths[k]),
                "non_zero_weights": int(non_zeros[k]),
                "intercept": float(found.intercepts[k]),
                "objective": float(found.objectives[k]),
                "gap": float(found.gaps[k]),
                "status": str(found.statuses[k]),
            }
            for k in range(len(found.strengths))
        ],
        "seconds": {**ready.clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
        "certificate": {
            "gap": float(found.gaps.max()),
            "meaning": "The largest of the path: no objective is farther above the least there is, "
            "as a share of the constant model's.",
            "least": None,
        },
        "work": found.work._asdict(),
        "out": arguments.out,
        "plot": arguments.plot,
        "report": arguments.report,
    }
    write_outputs(
        arguments, activity, report, path_told(report), pictures,
        lambda path: write_whole(path, lambda file: _write(file, found, described, names)),
    )  # fmt: skip
    return report


def _write(file: IO[bytes], found: Any, described: dict[str, Any], names: Any) -> None:
    """Write a path as arrays; `scipy.sparse.load_npz` reads its weights from the same file."""
    import numpy as np

    from .model_file import header_bytes

    coefs = found.coefs
    np.savez(
        file,
        header=header_bytes(described, names),
        strengths=found.strengths,
        intercepts=found.intercepts,
        objectives=found.objectives,
        gaps=found.gaps,
        data=coefs.data,
        indices=coefs.indices,
        indptr=coefs.indptr,
        shape=np.array(coefs.shape),
        format=np.array(b"csc"),
    )
