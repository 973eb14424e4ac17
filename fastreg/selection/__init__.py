"""How strong a penalty is to be: grids of fits beside each other, and what is best on rows held out."""

from .cross_validation import CrossValidation, cross_validate
from .grids import study
from .information import InformationCriteria, information_criteria
from .stability import StabilitySelection, stability_selection
from .tables import Ridge, Study

__all__ = [
    "CrossValidation",
    "InformationCriteria",
    "Ridge",
    "StabilitySelection",
    "Study",
    "cross_validate",
    "information_criteria",
    "stability_selection",
    "study",
]
