"""One part of the counts, in a process that runs as the fixed machine: ``part NAME FILE``."""

import json
import sys
from pathlib import Path

from .code import compile_methods, digests
from .problems import PARTS


def main(part, file):
    """Write what the part counted into a file."""
    work = {name: count() for name, count in PARTS[part].items()}
    if part == next(iter(PARTS)):
        compile_methods()
    Path(file).write_text(json.dumps({"work": work, "code": digests()}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
