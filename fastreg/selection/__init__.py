"""How strong a penalty is to be: grids of fits beside each other, and what is best on rows held out."""

from .cross_validation import CrossValidation, cross_validate
from .grids import study
from .tables import Ridge, Study

__all__ = ["CrossValidation", "Ridge", "Study", "cross_validate", "study"]
