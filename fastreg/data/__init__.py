"""Reading data files: svmlight, CSV and npz into one `Table`, and writing files whole or not at all."""

from .bundled import builtin
from .matching import Columns
from .reading import read, read_rows
from .sources import Source
from .tables import Numbered, Rows, Table
from .writing import check_writable, write_whole

__all__ = [
    "Columns",
    "Numbered",
    "Rows",
    "Source",
    "Table",
    "builtin",
    "check_writable",
    "read",
    "read_rows",
    "write_whole",
]
