"""What a study returns: a tidy table of its fits, the best of them, and the ridge they lie on."""

from typing import NamedTuple

import numpy as np

from fastreg.solvers.solution import Work


class Ridge(NamedTuple):
    r"""The best strength for each learning rate, and how well their product is constant.

    Only learning rates whose best strength lies inside the grid are asked: where it is the least or the
    largest of those tried, the best may lie beyond. Nor are those at which even the best diverged.

    Attributes
    ----------
    cells : int array
        The cells on the ridge, one per learning rate that is asked.
    constant : float
        c in :math:`\log(strength) = \log(c) - \log(learning\_rate)`: the geometric mean of their products;
        NaN where no learning rate can be asked.
    spread : float
        The factor by which products typically differ from it, at least 1 (exponential of the standard
        deviation of their logarithms). NaN for fewer than two.
    slope : float
        That of log strength over log learning rate, by least squares: -1 where the product is constant, 0
        where the best strength does not depend on the learning rate. NaN for fewer than two.
    """

    cells: np.ndarray
    constant: float
    spread: float
    slope: float

    def __str__(self) -> str:
        """Return what it says in a sentence."""
        if self.cells.size == 0:
            return "No learning rate has its best strength inside the grid."
        if self.cells.size == 1:
            return "One learning rate has its best strength inside the grid: too few for a ridge."
        return (
            f"Best strength x learning rate: {self.constant:.2g}, within a factor of {self.spread:.2g} over "
            f"{self.cells.size} learning rates (slope {self.slope:.2f}; -1 is a constant product)."
        )


class Study(NamedTuple):
    """The result of `study`: arrays with an entry per cell of the grid, learning rates outside.

    Attributes
    ----------
    learning_rate, strength : arrays of n_cells
    objective : array of n_cells
        Mean loss plus penalty at the end, on the rows learned from; infinite where weights overflowed.
    validation_loss : array of n_cells
        Mean loss at the end on the rows held out.
    norm : array of n_cells
        L2 norm of the weights.
    sparsity : array of n_cells
        Share of the weights that are 0.
    epochs : int array of n_cells
        Epochs done; fewer than asked for where weights overflowed, 0 where Ctrl-C came before.
    diverged : bool array of n_cells
        Whether weights overflowed, or the objective ended above that of weights 0.
    best : int
        The cell of the least validation loss; -1 where all overflowed.
    ridge : Ridge
    work : Work
        Over all cells.
    """

    learning_rate: np.ndarray
    strength: np.ndarray
    objective: np.ndarray
    validation_loss: np.ndarray
    norm: np.ndarray
    sparsity: np.ndarray
    epochs: np.ndarray
    diverged: np.ndarray
    best: int
    ridge: Ridge
    work: Work

    def table(self) -> str:
        """Return the table as text: the best cell is marked by ``*``, the ridge by ``+``."""
        columns = [
            ["", *(self._mark(cell) for cell in range(self.strength.size))],
            ["learning rate", *(f"{number:.3g}" for number in self.learning_rate)],
            ["strength", *(f"{number:.3g}" for number in self.strength)],
            ["objective", *(f"{number:.5g}" for number in self.objective)],
            ["validation loss", *(f"{number:.5g}" for number in self.validation_loss)],
            ["norm", *(f"{number:.3g}" for number in self.norm)],
            ["zeros", *(f"{share:.0%}" for share in self.sparsity)],
            ["epochs", *map(str, self.epochs)],
            ["", *("diverged" if diverged else "" for diverged in self.diverged)],
        ]
        widths = [max(map(len, column)) for column in columns]
        rows = zip(*columns, strict=True)
        return "\n".join(
            "  ".join(f"{entry:>{width}}" for entry, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def _mark(self, cell):
        return "*" if cell == self.best else "+" if cell in self.ridge.cells else ""

    def __str__(self) -> str:
        """Return the table, and a sentence about the ridge."""
        return f"{self.table()}\n{self.ridge}"


def best_cell(validation_loss):
    """Return the cell of the least validation loss, -1 where none is finite."""
    cost = np.where(np.isfinite(validation_loss), validation_loss, np.inf)
    return int(np.argmin(cost)) if np.isfinite(cost).any() else -1


def ridge_of(learning_rates, strengths, validation_loss, diverged):
    """Return the `Ridge` of a grid.

    Parameters
    ----------
    learning_rates : array of n_rates
    strengths : array of n_strengths
        In rising order.
    validation_loss, diverged : arrays of n_rates * n_strengths
    """
    count = strengths.size
    cells = []
    for row in range(learning_rates.size):
        part = slice(row * count, (row + 1) * count)
        best = best_cell(validation_loss[part])
        if 0 < best < count - 1 and not diverged[part][best]:
            cells.append(row * count + best)
    cells = np.array(cells, dtype=np.int64)
    x, y = np.log(learning_rates[cells // count]), np.log(strengths[cells % count])
    constant, spread, slope = np.nan, np.nan, np.nan
    if cells.size > 0:
        constant = float(np.exp(np.mean(x + y)))
    if cells.size > 1:
        spread = float(np.exp(np.std(x + y)))
        slope = float(np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2))
    return Ridge(cells, constant, spread, slope)
