"""Exact counts: what differs is named, whatever differs; only compiled code may depend on versions."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.counters import __main__ as command
from benchmarks.counters.code import digest, kernels
from benchmarks.counters.comparison import changes, other_versions, stored

OLD = {"lasso": {"full_passes": 3, "rounds": 3}, "ridge": {"rounds": 2}}
ASSEMBLY = """
	.type	_ZN7fastreg3dot,@function
_ZN7fastreg3dot:
	.cfi_startproc
	vgatherdpd	%ymm0, (%rdi,%xmm1,8), %ymm2
	vfmadd231pd	%ymm0, %ymm1, %ymm2
	vaddsd	%xmm0, %xmm1, %xmm0
	sqrtss	%xmm0, %xmm0
	vandpd	%xmm0, %xmm1, %xmm0
	# vaddsd
	retq
.Lfunc_end0:
	.type	_ZN7cpython7fastreg3dot,@function
_ZN7cpython7fastreg3dot:
	vaddsd	%xmm0, %xmm1, %xmm0
"""


def test_every_change_is_named_with_both_numbers():
    new = {"lasso": {"full_passes": 4, "rounds": 3}, "elastic net": {"rounds": 1}}
    assert [tuple(change) for change in changes(OLD, new)] == [
        ("elastic net", "rounds", None, 1),
        ("lasso", "full_passes", 3, 4),
        ("ridge", "rounds", 2, None),
    ]
    assert str(changes(OLD, new)[1]) == "full_passes of [lasso]: 3 -> 4 (+33.33%)"
    assert changes(OLD, OLD) == []


def test_instructions_are_told_apart_and_the_door_for_python_is_left_out():
    assert digest(ASSEMBLY) == {"instructions": 6, "packed": 1, "scalar": 2, "gathers": 1}


def test_kernels_are_found_whatever_else_is_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "no_module", object())  # Cython loads one such
    assert {"methods.dot", "methods.products"} <= kernels().keys()


def test_a_file_has_one_number_a_line():
    lines = stored(OLD, {}).splitlines()
    assert sum(line.strip(" ,")[-1].isdigit() for line in lines) == 3
    assert all(len(line.split(":")) <= 2 for line in lines)


@pytest.mark.parametrize(
    ("numba", "name", "failed"), [("1", "code", True), ("2", "code", False), ("2", "work", True)]
)
def test_code_is_judged_for_the_same_versions_only(tmp_path, monkeypatch, capsys, numba, name, failed):
    found = {"work": OLD, "code": OLD}
    monkeypatch.setattr(command, "FILES", {each: tmp_path / each for each in found})
    for each in found:
        (tmp_path / each).write_text(stored(OLD, {"numba": "1"}), "utf-8")
    assert not command.check(found, {"numba": numba})
    found[name] = {**OLD, "ridge": {"rounds": 9}}
    assert command.check(found, {"numba": numba}) is failed
    told = capsys.readouterr().out
    assert "rounds of [ridge]: 2 -> 9" in told
    assert ("numba 2 instead of 1" in told) is (numba == "2")
    assert other_versions({"numba": "1"}, {"numba": "1"}) is None


def test_what_is_expected_can_be_read():
    for file in command.FILES.values():
        kept = json.loads(file.read_text("utf-8"))
        assert file.read_text("utf-8") == stored(kept["counts"], kept["versions"])
