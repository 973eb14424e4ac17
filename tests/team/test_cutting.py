"""Where work is cut into blocks: by the work alone."""

import numpy as np
import pytest

import fastreg
from fastreg import team

SIZES = [
    (1, 10),
    (5, 10**9),
    (1000, 999_999),
    (1000, 10**6),
    (10**6, 10**6),
    (12_345, 3 * 10**6),
    (10**9, 10**11),
]


@pytest.mark.small
@pytest.mark.parametrize(("count", "work"), SIZES)
def test_blocks_cover_the_range_evenly(count, work):
    bounds = team.blocks(count, work)
    lengths = np.diff(bounds)
    assert (bounds[0], bounds[-1]) == (0, count)
    assert 1 <= lengths.min()
    assert lengths.max() <= lengths.min() + 1
    if work < team.SERIAL_BELOW:
        assert bounds == [0, count]
    else:
        assert len(bounds) > 2 or count == 1
    for threads in (1, 2, 3, 8):
        with fastreg.num_threads(threads):
            assert team.blocks(count, work) == bounds


@pytest.mark.small
def test_nothing_is_one_empty_block():
    assert team.blocks(0, 0) == team.blocks(0, 10**9) == [0, 0]


@pytest.mark.small
@pytest.mark.parametrize("first", [0, 17])
@pytest.mark.parametrize("skewed", [False, True])
def test_blocks_by_size_cover_the_range_by_work(first, skewed):
    rng = np.random.default_rng(0)
    sizes = rng.integers(0, 3000, 2000)
    if skewed:
        sizes[sizes < 2000] = 0
        sizes[1234] = 500_000
    before = first + np.concatenate([[0], np.cumsum(sizes)])
    work = int(sizes.sum())
    bounds = team.blocks_by_size(before, sizes.size, work)
    assert (bounds[0], bounds[-1]) == (0, sizes.size)
    assert np.all(np.diff(bounds) >= 0)
    shares = before[bounds[1:]] - before[bounds[:-1]]
    assert shares.sum() == work
    assert shares.size == len(team.blocks(sizes.size, work)) - 1 > 2
    assert shares.max() <= work / shares.size + sizes.max()
    for threads in (1, 2, 3, 8):
        with fastreg.num_threads(threads):
            assert team.blocks_by_size(before, sizes.size, work) == bounds
