"""Reading data files: svmlight, CSV and npz into one `Table`, or block by block; and writing files."""

from .bundled import builtin
from .matching import Columns
from .reading import read, read_rows
from .sources import Source
from .streaming import Blocks, blocks
from .tables import Numbered, Rows, Table
from .writing import check_writable, write_whole

__all__ = [
    "Blocks",
    "Columns",
    "Numbered",
    "Rows",
    "Source",
    "Table",
    "blocks",
    "builtin",
    "check_writable",
    "read",
    "read_rows",
    "write_whole",
]
