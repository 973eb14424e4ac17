"""Pictures of paths and of the choice of a strength, drawn from arrays by matplotlib (extra `plot`).

Nothing here is asked of pyplot: no window is opened and no global state is touched.
"""

from .pictures import Validation, path_picture

__all__ = ["Validation", "path_picture"]
