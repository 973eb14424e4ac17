"""Every command of docs/ prints what the page says, on the files that the scripts of the page write."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from fastreg.cli import main

DOCS = Path(__file__).parent.parent / "docs"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SCRIPT = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
PAGES = [page for page in sorted(DOCS.glob("*.md")) if CONSOLE.search(page.read_text("utf-8"))]


def commands_of(text):
    """Every command of a page, and the output that follows it."""
    for block in CONSOLE.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page, tmp_path, monkeypatch, capsys):
    text = page.read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    for script in SCRIPT.findall(text):
        exec(compile(script, page.name, "exec"), {"__name__": "__main__"})
    for command, expected in commands_of(text):
        program, *words = shlex.split(command)
        assert program == "fastreg"
        capsys.readouterr()
        main(words)
        said = capsys.readouterr()
        printed = said.out + said.err
        assert doctest.OutputChecker().check_output(expected, printed, FLAGS), f"{command}\n{printed}"


def test_getting_started_shows_commands():
    assert DOCS / "getting_started.md" in PAGES
