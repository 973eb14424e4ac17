"""Counts work while it is done."""

import dataclasses

from fastreg.solvers.solution import Work


@dataclasses.dataclass(slots=True)
class Counter:
    """Counts work while it is done; see `Work`."""

    full_passes: int = 0
    epochs: int = 0
    coordinate_updates: int = 0
    newton_steps: int = 0
    products: int = 0
    bytes_read: int = 0
    bytes_copied: int = 0
    rounds: int = 0

    def total(self):
        """Return what was counted so far."""
        return Work(**dataclasses.asdict(self))
