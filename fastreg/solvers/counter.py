"""Counts work while it is done."""

from types import SimpleNamespace

from fastreg.solvers.solution import Work


class Counter(SimpleNamespace):
    """A `Work` that can still grow: the same names, from 0."""

    def __init__(self):
        super().__init__(**Work()._asdict())

    def total(self):
        """Return what was counted so far."""
        return Work(**vars(self))
