"""`fastreg cache`: where compiled code is kept and how much there is, and away with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def cache(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found or did."""
    from fastreg.jit import cache_info

    info = cache_info()
    if info.path is None:
        raise ValueError(
            "no directory for compiled code can be written or read: set FASTREG_CACHE_DIR to one that may be."
        )
    if arguments.action == "path":
        print(info.path)
        return 0
    told, lines = (_cleared if arguments.action == "clear" else _examined)(info)
    if arguments.json:
        print(json.dumps(told, indent=2))
        return 0
    from .tables import table

    print("\n".join(table(lines)))
    return 0


def _examined(info: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what `info` tells, for machines and for people."""
    told = {"path": info.path, "writable": info.writable, "files": info.files, "bytes": info.bytes}
    return told, [
        ("directory", info.path),
        ("writable", "yes" if info.writable else "no"),
        ("holds", _counted(info.files, info.bytes)),
    ]


def _cleared(info: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Remove what is kept; return what `clear` tells, for machines and for people."""
    from fastreg.jit import clear_cache

    files, size = clear_cache()
    told = {"path": info.path, "files_removed": files, "bytes_removed": size}
    return told, [("directory", info.path), ("removed", _counted(files, size))]


def _counted(files: int, size: int) -> str:
    from .telling import in_megabytes

    return f"{files:,} files, {in_megabytes(size)}"
