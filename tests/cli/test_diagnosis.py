"""`fastreg doctor`."""

import json

import numpy as np
import pytest

import fastreg
from fastreg.cli import diagnosis


def test_doctor(run):
    status, out, err = run("doctor", "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["versions"]["numpy"] == np.__version__
    assert told["threads"]["count"] == fastreg.get_num_threads()
    assert told["cache"]["path"] == fastreg.jit.cache_info().path
    assert told["trial"]["status"] == str(fastreg.Status.CONVERGED)
    status, out, _ = run("doctor")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    # The second fit of this process finds all of its code in memory.
    assert "0 kernels loaded from the cache, 0 compiled" in " ".join(out.split())


@pytest.mark.small
def test_doctor_names_where_the_threads_come_from(run, monkeypatch):
    monkeypatch.setenv("FASTREG_NUM_THREADS", "3")
    monkeypatch.setattr(
        diagnosis, "_trial", lambda: dict.fromkeys(("hits", "misses"), 0) | {"seconds": 0.0, "status": ""}
    )
    assert "3, from FASTREG_NUM_THREADS" in run("doctor")[1]


@pytest.mark.small
@pytest.mark.parametrize(
    ("misses", "path", "writable", "words"),
    [
        (0, None, False, "will compile nothing"),
        (5, "/cache", True, "is kept"),
        (5, "/cache", False, "FASTREG_CACHE_DIR"),
        (5, None, False, "compile it again"),
    ],
)
def test_doctor_tells_what_a_second_process_will_do(monkeypatch, misses, path, writable, words):
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    cache = fastreg.jit.CacheInfo(path, writable, 0, misses, 0)
    assert words in diagnosis._expected(misses, cache)
