"""The laws that every term obeys, as functions to run on your own: penalties, losses, designs.

Each check raises an `AssertionError` whose one sentence names the term, the law and the values at
which it breaks. Derivatives are compared with differences, minimisers with a search over a grid,
compiled methods with the same methods in plain Python.
"""

from fastreg.testing.designs import check_design
from fastreg.testing.losses import check_loss
from fastreg.testing.penalties import check_penalty

__all__ = ["check_design", "check_loss", "check_penalty"]
