"""What shall be learnt or was learnt: numbers, or two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from fastreg.data import Table

_SEED = 0


class Target(NamedTuple):
    """What shall be learnt: numbers, or -1 and +1 for two classes."""

    task: str
    reason: str
    y: np.ndarray
    classes: list[Any] | None

    def parts(self, count: int) -> np.ndarray:
        """Return the part (0 to count - 1) of each row: drawn with a fixed seed, each class spread evenly."""
        import numpy as np

        drawn = np.random.default_rng(_SEED).permutation(len(self.y))
        if self.classes is not None:
            drawn = drawn[np.argsort(self.y[drawn], kind="stable")]
        parts = np.empty(len(self.y), dtype=np.intp)
        parts[drawn] = np.arange(len(self.y)) % count
        return parts

    def losses(self, y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """Return the sum of losses of each column of predictions."""
        import numpy as np

        if self.classes is None:
            return ((y[:, None] - predictions) ** 2).sum(axis=0) / 2
        return np.logaddexp(0.0, -y[:, None] * predictions).sum(axis=0)

    def constant_loss(self, left_out: np.ndarray) -> float:
        """Return the sum of losses on the rows of a mask of the model that is constant on the others."""
        import numpy as np

        mean = self.y[~left_out].mean()
        constant = mean if self.classes is None else np.log1p(mean) - np.log1p(-mean)
        held = self.y[left_out]
        return float(self.losses(held, np.full((len(held), 1), constant))[0])

    def score(self, y: np.ndarray, prediction: np.ndarray) -> float | None:
        """Return the share of rows in the right class, or R^2 (None where y is constant)."""
        import numpy as np

        if self.classes is not None:
            return float(np.mean(np.where(prediction > 0, 1.0, -1.0) == y))
        spread = float(((y - y.mean()) ** 2).sum())
        return 1.0 - float(((y - prediction) ** 2).sum()) / spread if spread > 0 else None

    def score_name(self) -> str:
        """Return what `score` is called."""
        return "R^2" if self.classes is None else "accuracy"


def target_of(table: Table, task: str) -> Target:
    """Return what shall be learnt from the column of the target; ValueError where that is nothing."""
    import numpy as np

    values = np.unique(table.y)
    text = table.y.dtype.kind == "U"
    name = f"the target {table.target_name!r}"
    count = f"{len(values):,} distinct {'texts' if text else 'values'}"
    if len(values) == 1:
        raise ValueError(
            f"{table.source}: {name} is {values[0]!s} in every row, so there is nothing to learn."
        )
    if task == "classification" or (task == "auto" and (text or len(values) == 2)):
        if len(values) != 2:
            raise ValueError(
                f"{table.source}: {name} has {count}, and classification takes exactly two for now; "
                f"choose another target{'' if text else ' or --task regression'}."
            )
        return Target(
            "classification",
            "two classes" if task == "auto" else "as asked",
            np.where(table.y == values[1], 1.0, -1.0),
            values.tolist(),
        )
    if text:
        raise ValueError(
            f"{table.source}: {name} is text ({values[0]!s}, ...), and regression needs numbers."
        )
    return Target("regression", count if task == "auto" else "as asked", table.y, None)


def known_target(name: str, classes: list[Any] | None, y: np.ndarray) -> Target:
    """Return the target of a model as a file holds it.

    Parameters
    ----------
    name : str
        The name of the target, for the sentence.
    classes : list of two, or None
        The classes of the model; None for numbers.
    y : ndarray
        Numbers or text, as `fastreg.data.read_rows` returns them.

    Raises
    ------
    ValueError
        Where a row holds no finite number or no class of the model: a clause that names the first.
    """
    import numpy as np

    values, where = np.unique(y, return_inverse=True)
    if classes is not None and isinstance(classes[0], str):
        known: dict[Any, float] = dict(zip(classes, (-1.0, 1.0), strict=True))
        found = [known.get(str(value), np.nan) for value in values]
    else:
        found = [_number(value) for value in values]
        if classes is not None:
            known = dict(zip(classes, (-1.0, 1.0), strict=True))
            found = [known.get(value, np.nan) for value in found]
    numbers = np.array(found)[where]
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        row = int(wrong[0])
        needed = (
            "no finite number"
            if classes is None
            else f"neither {shown(classes[0])!r} nor {shown(classes[1])!r}"
        )
        raise ValueError(f"the target {name!r} is {str(y[row])!r} in row {row + 1}, {needed}")
    return Target("regression" if classes is None else "classification", "as the model was", numbers, classes)


def _number(value: Any) -> float:
    """Return a value as a number, NaN where it is none."""
    try:
        return float(value)
    except ValueError:
        return float("nan")


def shown(name: Any) -> str:
    """Return the name of a class for people: 1 rather than 1.0."""
    return str(name).removesuffix(".0") if isinstance(name, float) else str(name)
