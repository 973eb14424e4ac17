"""The facts of the disk cache, each shown by processes that share a folder."""

import os
from pathlib import Path

import pytest
from subprocesses import FIT, PROX, copy_of_package, run


def replace(file, old, new):
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.slow
def test_a_second_process_compiles_nothing():
    cache = os.environ["FASTREG_CACHE_DIR"]
    first = run("-c", FIT, cache=cache)
    second = run("-c", FIT, cache=cache)
    assert max(first["gaps"]) <= 1e-6
    assert second["gaps"] == first["gaps"]
    assert second["misses"] == 0
    assert second["hits"] == first["hits"] + first["misses"] > 0


HERS = {
    "main.py": """
import numpy as np, fastreg, penalty
from fastreg.penalties import L1
from subprocesses import tell
w = np.array([3.0, -0.25])
hers = penalty.Hers(1.5)
tell(
    compiled=fastreg.kernels.prox(hers, w, 0.5).tolist(),
    plain=[hers.prox(x, 0.5, 0) for x in w.tolist()],
    ours=fastreg.kernels.prox(L1(1.0), w, 0.5).tolist(),
)
""",
    "penalty.py": """
import numba, shapes
from base import Base
from constants import TABLE
from helpers import shrink

FACTOR = 2.0

@numba.njit
def own_helper(x):
    return x + 0.5

class Hers(Base):
    def prox(self, weight, step, j):
        moved = own_helper(weight) + shrink(weight) * FACTOR + shapes.bend(weight)
        return moved + self.weigh(weight) + TABLE[1] + shapes.OFFSET + 0.25
""",
    "base.py": """
from typing import NamedTuple

class Base(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * weight

    def weigh(self, weight):
        return weight * 8.0
""",
    "constants.py": "TABLE = (1.0, 32.0)\n",
    "helpers.py": "import numba\n@numba.njit\ndef shrink(x):\n    return x * 0.125\n",
    "shapes.py": "import numba\nOFFSET = 64.0\n@numba.njit\ndef bend(x):\n    return x * 4.0\n",
}
EDITS = {
    "the body": ("penalty.py", "+ 0.25", "- 0.25"),
    "a constant": ("penalty.py", "FACTOR = 2.0", "FACTOR = 3.0"),
    "a helper in the same file": ("penalty.py", "return x + 0.5", "return x + 0.75"),
    "an inherited method in another file": ("base.py", "weight * 8.0", "weight * 9.0"),
    "a constant of another file": ("constants.py", "32.0", "33.0"),
    "a helper imported from another file": ("helpers.py", "x * 0.125", "x * 0.25"),
    "a helper asked of another module": ("shapes.py", "x * 4.0", "x * 5.0"),
    "a constant asked of another module": ("shapes.py", "64.0", "65.0"),
}


class Hers:
    """A folder of a user's own, and what the last run of her script told."""

    def __init__(self, folder):
        self.folder = folder
        for name, source in HERS.items():
            (folder / name).write_text(source, "utf-8")
        self.run()

    def run(self):
        self.told = run(self.folder / "main.py", cache=self.folder / "cache")
        return self.told


@pytest.fixture(scope="module")
def hers(tmp_path_factory):
    return Hers(tmp_path_factory.mktemp("hers"))


@pytest.mark.parametrize(("file", "old", "new"), EDITS.values(), ids=EDITS)
def test_an_edit_of_hers_recompiles_what_uses_her_term(hers, file, old, new):
    before = hers.told
    replace(hers.folder / file, old, new)
    after = hers.run()
    assert (after["misses"], after["hits"]) == (1, 1)  # her kernel, and the one of fastreg's own term
    assert after["compiled"] == after["plain"] != before["plain"]
    assert after["ours"] == before["ours"]
    assert after["files"] == before["files"] == 2  # the code before the edit is gone


def test_code_is_kept_under_what_it_was_made_from(tmp_path):
    module = tmp_path / "edited.py"
    source = """
from typing import NamedTuple
class Edited(NamedTuple):
    strength: float
    def value(self, weight, j): return 1.0 * weight
    def prox(self, weight, step, j): return weight
"""
    module.write_text(source, "utf-8")
    script = tmp_path / "main.py"
    script.write_text(
        """
import sys, fastreg, edited
from pathlib import Path
from subprocesses import tell
if len(sys.argv) > 1:  # an editor saves while the process runs
    module = Path(edited.__file__)
    module.write_text(module.read_text().replace("1.0", "2.0"))
tell(answer=fastreg.kernels.value(edited.Edited(1.0), [3.0]))
""",
        "utf-8",
    )
    assert run(script, "edit", cache=tmp_path / "cache")["answer"] == 3.0
    after = run(script, cache=tmp_path / "cache")
    assert (after["answer"], after["misses"]) == (6.0, 1)


def test_an_edit_of_the_package_recompiles(tmp_path):
    package = copy_of_package(tmp_path)
    before = run("-c", PROX, cache=tmp_path / "cache", package=package)
    assert (before["answer"], before["misses"]) == ([2.5, 0.0], 1)
    replace(package / "penalties" / "l1.py", "soft_threshold(weight, step", "soft_threshold(weight, 2 * step")
    for misses in (1, 0):
        after = run("-c", PROX, cache=tmp_path / "cache", package=package)
        assert (after["answer"], after["misses"]) == ([2.0, 0.0], misses)


def test_nothing_is_kept_of_a_package_that_changed_under_the_process(tmp_path):
    package = copy_of_package(tmp_path)
    edit = """
import fastreg.penalties
from pathlib import Path
module = Path(fastreg.__file__).parent / "penalties" / "l1.py"
module.write_text(module.read_text() + "# edited")
"""
    told = run("-c", edit + PROX, cache=tmp_path / "cache", package=package)
    assert (told["answer"], told["files"]) == ([2.5, 0.0], 0)


def test_caches_of_earlier_states_of_the_package_are_forgotten(tmp_path):
    package = copy_of_package(tmp_path)
    for state in range(7):
        (package / "state.py").write_text(f"# {state}", "utf-8")
        told = run("-c", "from subprocesses import tell; tell()", cache=tmp_path / "cache", package=package)
    kept = [folder.name for folder in Path(told["path"]).parent.iterdir()]
    assert Path(told["path"]).name in kept
    assert 2 <= len(kept) <= 4


def test_bounds_are_checked_when_asked_for_on_a_warm_cache(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        """
import numpy as np, fastreg
from fastreg.penalties import L1
from subprocesses import tell

@fastreg.kernel
def beyond(penalty, w):
    return penalty.value(w[w.size], 0)

try:
    answer = beyond(L1(1.0), np.array([1.0, 2.0, 3.0])[:2])
except IndexError:
    answer = "IndexError"
tell(answer=answer)
""",
        "utf-8",
    )
    found = [
        (told["answer"], told["misses"])
        for environment in ({}, {"NUMBA_BOUNDSCHECK": "1"}, {}, {"NUMBA_BOUNDSCHECK": "1"})
        for told in [run(script, cache=tmp_path / "cache", **environment)]
    ]
    assert found == [(3.0, 1), ("IndexError", 1), (3.0, 0), ("IndexError", 0)]


SCRIPT = """
from typing import NamedTuple
import fastreg, numba
from fastreg.penalties import Bounded, L1
from subprocesses import tell

class Mine(NamedTuple):
    strength: float
    def value(self, weight, j): return self.strength * 2.0 * weight
    def prox(self, weight, step, j): return weight

@numba.njit
def plain(weight):
    return weight

@fastreg.kernel
def apply(function, weight):  # compiled anew in each process: a function has no name that lasts
    return function(weight)

answer = [fastreg.kernels.value(term, [3.0]) for term in (Mine(1.0), Bounded(Mine(1.0), -9.0, 9.0), L1(1.0))]
tell(answer=answer, applied=apply(plain, 3.0))
"""


def test_five_runs_of_a_script_leave_the_number_of_files_unchanged(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(SCRIPT, "utf-8")
    told = [run(script, cache=tmp_path / "cache") for _ in range(5)]
    assert [run["answer"] for run in told] == [[6.0, 6.0, 3.0]] * 5
    assert [run["files"] for run in told] == [3] * 5
    assert [run["misses"] for run in told] == [4, 1, 1, 1, 1]
    assert len([file for file in (tmp_path / "cache").rglob("*") if file.is_file()]) == 3


def test_terms_of_scripts_are_cached_and_edits_of_them_seen(tmp_path):
    scripts = tmp_path / "first.py", tmp_path / "second.py"
    for factor, script in zip(("2.0", "5.0"), scripts, strict=True):
        script.write_text(SCRIPT.replace("2.0", factor), "utf-8")
    # Two scripts with a class of one name leave each other's code alone.
    told = [run(script, cache=tmp_path / "cache") for script in (*scripts, *scripts)]
    assert [run["answer"][0] for run in told] == [6.0, 15.0, 6.0, 15.0]
    assert [run["misses"] for run in told] == [4, 3, 1, 1]
    replace(scripts[0], "2.0", "7.0")
    told = run(scripts[0], cache=tmp_path / "cache")
    assert (told["answer"], told["misses"]) == ([21.0, 21.0, 3.0], 3)


@pytest.mark.parametrize("namespace", [{"__name__": "__main__"}, {}], ids=["a cell", "no name"])
def test_terms_without_a_file_are_cached_by_their_code(tmp_path, namespace):
    cells = [
        f"exec({SCRIPT.replace('2.0', factor)!r}, {namespace!r})" for factor in ("2.0", "2.0", "7.0", "7.0")
    ]
    told = [run("-c", cell, cache=tmp_path) for cell in cells]
    assert [run["answer"][0] for run in told] == [6.0, 6.0, 21.0, 21.0]
    assert [run["misses"] for run in told] == [4, 1, 3, 1]


def test_a_cell_run_again_after_an_edit_runs_its_new_code(tmp_path):
    cell = SCRIPT.replace("tell(", "answers.append(answer) #")
    again = f"""
from subprocesses import tell
answers = []
for factor in ("2.0", "7.0", "2.0"):
    exec({cell!r}.replace("2.0", factor))
tell(answers=answers)
"""
    for misses in (7, 4):  # what is on disk is the code of the last edit
        told = run("-c", again, cache=tmp_path)
        assert [answer[0] for answer in told["answers"]] == [6.0, 21.0, 6.0]
        assert told["misses"] == misses


def test_classes_of_one_name_in_two_modules_keep_their_code_apart(tmp_path):
    for name, factor in (("one", "2.0"), ("two", "5.0")):
        (tmp_path / f"{name}.py").write_text(
            f"""
from typing import NamedTuple
class Mine(NamedTuple):
    strength: float
    def value(self, weight, j): return {factor} * weight
    def prox(self, weight, step, j): return weight
""",
            "utf-8",
        )
    script = """
import fastreg, importlib, sys
from fastreg.penalties import Bounded
from subprocesses import tell
terms = [importlib.import_module(name).Mine(1.0) for name in sys.argv[1:]]
answer = [fastreg.kernels.value(term, [3.0]) for term in (*terms, *terms)]
tell(answer=answer, nested=[fastreg.kernels.value(Bounded(term, -9.0, 9.0), [3.0]) for term in terms])
"""
    expected = {"one": 6.0, "two": 15.0}
    for names, misses in ((("one",), 2), (("two",), 2), (("one", "two"), 0), (("two", "one"), 0)):
        told = run("-c", script, *names, cache=tmp_path / "cache", folder=tmp_path)
        assert told["answer"] == [expected[name] for name in names] * 2
        assert told["nested"] == [expected[name] for name in names]
        assert told["misses"] == misses
