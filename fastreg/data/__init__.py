"""Reading data files: svmlight, CSV and npz into one `Table`, and writing files whole or not at all."""

from .bundled import builtin
from .reading import read
from .tables import Numbered, Table
from .writing import check_writable, write_whole

__all__ = ["Numbered", "Table", "builtin", "check_writable", "read", "write_whole"]
