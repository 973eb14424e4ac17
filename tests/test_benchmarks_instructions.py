"""What the count of instructions makes of its figures, and that asking for a count changes nothing."""

import platform
import sys

import pytest

from benchmarks.instructions import __main__ as instructions
from benchmarks.instructions.requests import Counting

EXPECTED = {"pass": 1_000_000, "epoch": 2_000}


@pytest.mark.parametrize(
    ("found", "failing"),
    [
        (EXPECTED, []),
        ({**EXPECTED, "pass": 1_049_000}, []),  # less than 5 % more
        ({**EXPECTED, "pass": 1_051_000}, ["pass"]),
        ({**EXPECTED, "pass": 400_000}, []),  # less is welcome
        ({"pass": 1_000_000}, ["epoch"]),  # what is no longer counted is not passed over
        ({**EXPECTED, "fit": 1}, ["fit"]),
    ],
)
def test_a_kernel_fails_that_takes_five_percent_more_or_is_in_one_set_only(found, failing):
    lines, grown = instructions.compare(found, EXPECTED)
    assert grown == failing
    assert len(lines) == len({*found, *EXPECTED})


def test_the_slope_leaves_out_what_does_not_repeat(tmp_path):
    for part, (label, total) in enumerate([("pass|4", 900 + 4 * 70), ("pass|8", 900 + 8 * 70), ("a|b|1", 5)]):
        text = f"version: 1\ndesc: Trigger: Client Request: {label}\nevents: Ir\ntotals: {total}\n"
        (tmp_path / f"out.{part}").write_text(text)
    (tmp_path / "out.3").write_text("version: 1\ndesc: Trigger: Client Request: a|b|2\ntotals: 8\n")
    (tmp_path / "out").write_text("version: 1\ndesc: Trigger: Program termination\ntotals: 4706\n")
    assert instructions.slopes(tmp_path) == {"a|b": 3, "pass": 70}


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="x86-64")
def test_without_valgrind_a_counted_call_is_only_a_call():
    seen = []
    Counting().count("label", seen.append, 7)
    assert seen == [7]
