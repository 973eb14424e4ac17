"""`fastreg path`: fit at a falling sequence of strengths."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from .models import STRENGTHS, TOLERANCE, rows_of
from .outputs import check_outputs, picture_bytes
from .preparing import Kernels, data_told, prepared, problem_told
from .running import run

if TYPE_CHECKING:
    import argparse

    from .activity import Activity


def path(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .report import path_table

    return run(arguments, _followed, path_table)


def _followed(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)
    import numpy as np

    import fastreg
    from fastreg.data import write_whole

    count = STRENGTHS if arguments.strengths is None else arguments.strengths
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
            rows_of(ready.table.X, slice(None)), ready.target.y, count, arguments.ratio, callback=tell
        )
    described = problem_told(ready, arguments)
    picture = b""
    if arguments.plot is not None:
        activity.now(f"drawing {arguments.plot}")
        with ready.clock("draw"):
            from .pictures import path_drawn

            picture = picture_bytes(path_drawn(ready, found), arguments.plot)
    if arguments.out is not None:
        activity.now(f"writing {arguments.out}")
        write_whole(arguments.out, lambda file: _write(file, found, described, ready.table.feature_names))
        activity.wrote(arguments.out)
    if arguments.plot is not None:
        write_whole(arguments.plot, lambda file: file.write(picture))
    non_zeros = np.diff(found.coefs.indptr)
    return {
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
        "out": arguments.out,
        "plot": arguments.plot,
    }


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
