"""The command line: `fastreg fit`, `cv`, `path`, `study`, `predict`, `certify`, and commands about itself.

Bad input ends with exit status 2 and one sentence on standard error; Ctrl-C ends with 130. Nothing heavy is
imported before the arguments are understood, so that `fastreg --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]

# Where the function of each command lives; it bears the command's name.
_HOMES = {
    "fit": "fitting",
    "cv": "validating",
    "path": "following",
    "study": "studying",
    "predict": "predicting",
    "certify": "certifying",
    "doctor": "diagnosis",
    "precompile": "precompiling",
    "cache": "caching",
    "completion": "completing",
}
_BAD_INPUT, _INTERRUPTED, _READER_GONE = 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, by default those of the process.

    Returns
    -------
    int
        The exit status: 0, 2 for bad input, 130 after Ctrl-C, 141 where the reader of the output went away.
    """
    from .arguments import understood

    # Commands show themselves that they are compiling.
    os.environ.setdefault("FASTREG_NOTICE", "0")
    for stream in (sys.stdout, sys.stderr):
        # A name of a column that the terminal cannot show is no reason to lose the table.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        try:
            status = _run(understood(argv))
        except SystemExit as end:  # argparse's way to end: the help, or a sentence
            status = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered has no reader; the interpreter must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except KeyboardInterrupt as pressed:
        print(f"fastreg: {str(pressed) or 'interrupted.'}", file=sys.stderr)
        return _INTERRUPTED
    except MemoryError as error:
        print(f"fastreg: there is not enough memory for this ({error}).", file=sys.stderr)
        return _BAD_INPUT
    except (ValueError, OSError) as error:
        print(f"fastreg: {_sentence(error)}", file=sys.stderr)
        return _BAD_INPUT
    return status


def _sentence(error: ValueError | OSError) -> str:
    """Return the text of an error in one line; what the system says itself has no subject yet."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{error.filename or 'the output'}: {error.strerror}."
    return " ".join(str(error).split())


def _run(arguments) -> int:
    """Run the command that was asked for."""
    home = import_module(f".{_HOMES[arguments.command]}", __name__)
    return getattr(home, arguments.command)(arguments)
