"""How strong a penalty is to be: grids of fits beside each other, and what is best on rows held out."""

from .grids import study
from .tables import Ridge, Study

__all__ = ["Ridge", "Study", "study"]
