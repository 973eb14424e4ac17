"""The line of progress: on a terminal, on long work, and wiped."""

import io
import time

import pytest

from fastreg.cli.activity import Activity


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def _wait_for(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


@pytest.mark.small
def test_progress_is_drawn_on_a_terminal_and_wiped():
    terminal = _Terminal()
    with Activity(terminal, delay=0.0) as activity:
        activity.now("choosing lambda", 0.5)
        _wait_for(lambda: "choosing lambda" in terminal.getvalue())
    lines = terminal.getvalue().split("\r")
    assert "[############............]  50%  choosing lambda  0 s" in lines
    assert lines[-1] == ""
    assert lines[-2].strip() == ""
    assert len(lines[-2]) >= len(lines[-3].rstrip())
    assert max(map(len, lines)) < 80


@pytest.mark.small
def test_short_work_and_pipes_see_no_progress():
    for stream, delay in ((_Terminal(), 60.0), (io.StringIO(), 0.0)):
        with Activity(stream, delay) as activity:
            activity.now("fitting")
        assert stream.getvalue() == ""
