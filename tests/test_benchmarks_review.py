"""The review finds what is slower and says why, is silent where nothing is, and escapes what it is told."""

import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.exit_codes import Exit
from benchmarks.review import history, page
from benchmarks.review.__main__ import Review, arguments, wanted
from benchmarks.review.rows import ROWS
from benchmarks.review.statistics import Verdict, paired, row

NOISE = 0.02


def rounds(slowdown=1.0, work=(100, 100), seconds=0.1, drift=0.0, control=1.0, n=12, seed=0):
    """Return made-up rounds of one row, there and back in turn, on a machine that drifts."""
    rng = np.random.default_rng(seed)
    factors = {"base": 1.0, "head": slowdown, "control": control}
    found = []
    for number in range(n):
        order = list(factors) if number % 2 == 0 else list(factors)[::-1]
        each = {}
        for place, arm in enumerate(order):
            moment = np.exp(drift * (3 * number + place) + NOISE * rng.standard_normal())
            counts = {"bytes_read": work[arm == "head"], "rounds": 3}
            each[arm] = {"rows": {"a row": {"seconds": seconds * factors[arm] * moment, "counts": counts}}}
        found.append(each)
    return found


def reviewed(found, **words):
    return Review({"a row": row("a row", found, 1.1)}, {}, words, 1.1, len(found))


def test_the_interval_is_students_and_covers_the_truth():
    covered = 0
    rng = np.random.default_rng(0)
    for _ in range(1000):
        ratio, _ = paired(np.log(1.3) + 0.05 * rng.standard_normal(6))
        covered += ratio.low <= 1.3 <= ratio.high
    assert 975 <= covered <= 1000  # 99 %, and a little for chance


def test_what_would_have_been_seen_is_seen_in_four_cases_of_five():
    rng = np.random.default_rng(0)
    _, smallest = paired(NOISE * np.random.default_rng(1).standard_normal(200))
    seen = [paired(np.log(smallest) + NOISE * rng.standard_normal(200))[0].low > 1 for _ in range(300)]
    assert 0.68 <= np.mean(seen) <= 0.92


def test_identical_code_on_a_drifting_machine_raises_no_alarm():
    exits = {reviewed(rounds(drift=0.01, seed=seed)).exit for seed in range(50)}
    assert exits == {Exit.FINE}


@pytest.mark.parametrize("drift", [0.0, 0.01])
def test_a_slowdown_is_found_and_told_from_more_work(drift):
    slower = row("a row", rounds(1.25, drift=drift), 1.1)
    assert slower.verdict is Verdict.SLOWER
    assert slower.cause == "slower work"
    more = row("a row", rounds(1.25, work=(100, 125), drift=drift), 1.1)
    assert more.verdict is Verdict.SLOWER
    assert more.cause == "more work"
    assert more.changed == (("bytes_read", 100, 125),)
    assert more.time.middle == pytest.approx(more.work * more.cost.middle)


def test_only_long_rows_whose_control_agrees_block():
    assert row("a row", rounds(1.25, seconds=0.009), 1.1).verdict is Verdict.SHORT
    assert row("a row", rounds(1.25, control=1.3), 1.1).verdict is Verdict.UNSETTLED
    assert row("a row", rounds(1.06), 1.1).verdict is Verdict.A_LITTLE_SLOWER
    assert row("a row", rounds(0.8), 1.1).verdict is Verdict.FASTER


def test_every_ending_has_a_code_of_its_own():
    raised = rounds()
    raised[3]["head"]["rows"]["a row"] = {"error": "ValueError: no"}
    only_before = rounds()
    only_before[0]["base"]["rows"]["a row"] = {"error": "AttributeError: not yet"}
    endings = {
        Exit.FINE: rounds(),
        Exit.SLOWER: rounds(1.5),
        Exit.COUNTERS_CHANGED: rounds(work=(100, 99)),
        Exit.RAISED: raised,
        Exit.NOTHING_MEASURED: only_before,
    }
    assert {reviewed(found).exit for found in endings.values()} == set(Exit)
    assert all(reviewed(found).exit is ending for ending, found in endings.items())
    assert "head: ValueError: no" in page.markdown(reviewed(raised))


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        self.found.add(tag)
        assert not {name for name, _ in attributes} & {"src", "href", "onload"}


def test_the_pages_hold_every_row_and_escape_what_they_are_told():
    review = reviewed(rounds(1.25, work=(100, 125)), **{"a row": [1.0, 3.0, 2.0]})
    review = review._replace(environment={"head": "abc <script>alert(1)</script> | x"})
    tags = _Tags()
    tags.feed(page.page(review))
    assert {"table", "svg"} <= tags.found
    assert "script" not in tags.found
    text = page.markdown(review)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    assert "<script" not in text
    assert "▁█▄" in text


def test_quick_asks_for_fewer_rows_and_words_for_theirs():
    names = [wanted(arguments(["main", ".", *words])) for words in ([], ["--quick"], ["--rows", "saga"])]
    assert names[0] == list(ROWS)
    assert 0 < len(names[1]) < len(names[0])
    assert names[2] == ["saga"]


class _Result:
    """What asv stores of one commit, as far as a history asks for it."""

    def __init__(self, seconds, machine="m", version="2"):
        self.params, self.benchmark_version = {"machine": machine}, {"time_it": version}
        self.seconds = seconds

    def get_all_result_keys(self):
        return self.benchmark_version.keys()

    def get_result_params(self, key):
        return [["'text'", "'wide'"]]

    def get_result_value(self, key, params):
        return self.seconds


def test_a_history_is_of_one_machine_one_version_and_what_was_measured():
    results = [_Result([9, 9], version="1"), _Result([1, 5]), _Result([8, 8], "other"), _Result([None, 5])]
    results += [_Result([float("nan"), 5]), _Result([2, 5])]
    assert history.seconds_before(results, "time_it", ["'text'"]) == [1, 2]
    assert history.seconds_before(results, "time_it", ["'tall'"]) == []
    assert history.seconds_before(results, "time_other", []) == []
