"""One line for somebody who waits for the compiler."""

import logging
import os
import sys

log = logging.getLogger("fastreg")

_PATIENCE = 2.0  # seconds of compiling in this process
_waited: float | None = 0.0  # None: it has been said


def compiled_for(seconds, is_kept):
    """Add what a compilation took; say once that this is compiling, where it has taken long.

    The line goes to the log "fastreg", if code is kept, and, where stderr is a terminal, there;
    ``FASTREG_NOTICE=0`` keeps it from the terminal.

    Parameters
    ----------
    seconds : float
    is_kept : bool
        Whether the code is written to disk.
    """
    global _waited
    if _waited is None:
        return
    _waited += seconds
    if _waited < _PATIENCE:
        return
    _waited = None
    line = "fastreg: compiling, " + (
        "once per machine; fastreg precompile does so ahead of time."
        if is_kept
        else "in every process: set FASTREG_CACHE_DIR to a directory that may be written."
    )
    if is_kept:  # else the log says already that there is nowhere to keep it
        log.info(line)
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("FASTREG_NOTICE") != "0":
        print(line, file=sys.stderr)
