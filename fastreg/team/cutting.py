"""Where work is cut into blocks: by the work and nothing else, so that bits do not depend on threads."""

import numpy as np

# Element operations (about a nanosecond each) below which a pass stays on the calling thread.
SERIAL_BELOW = 1_000_000
# Work of one block: some 0.2 ms, against some 0.03 ms for handing it over.
_BLOCK_WORK = 200_000
_MOST_BLOCKS = 64


def blocks(count, work):
    """Cut ``range(count)`` into blocks of about equal length, by the work and nothing else.

    Parameters
    ----------
    count : int
        Length of the range.
    work : int
        Element operations over the whole range.

    Returns
    -------
    list of int
        Bounds: block b is bounds[b]:bounds[b + 1].
    """
    number = 1 if work < SERIAL_BELOW else min(_MOST_BLOCKS, count, work // _BLOCK_WORK)
    return [count * block // number for block in range(number + 1)] if number > 0 else [0, count]


def blocks_by_size(sizes_before, count, work):
    """Cut ``range(count)`` into blocks of about equal work.

    Parameters
    ----------
    sizes_before : int array of count + 1
        Work before each item, such as the ``indptr`` of a sparse matrix.
    count, work : int
        As in `blocks`.
    """
    number = len(blocks(count, work)) - 1
    marks = (
        sizes_before[0] + (int(sizes_before[count]) - int(sizes_before[0])) * np.arange(1, number) // number
    )
    inner = np.searchsorted(sizes_before[: count + 1], marks)
    return [0, *sorted(int(mark) for mark in inner), count]
