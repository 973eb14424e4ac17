"""Every line of docs/bad_input.md is refused with the sentence that stands beside it."""

import doctest
import io
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from fastreg.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "bad_input.md").read_text("utf-8")
SETUP = re.search(r"^```pycon\n(.*?)^```", PAGE, re.M | re.S)[1]
ROWS = re.findall(r"^\| `(.+?)` \| `(.+)` \|$", PAGE, re.M)
COMMANDS = [row for row in ROWS if row[0].startswith("fastreg ")]
CALLS = [row for row in ROWS if not row[0].startswith("fastreg ")]

HOUSES = "area,rooms,price\n" + "".join(f"{j},{j * j % 7},{3 * j + j % 3}\n" for j in range(30))
FILES = {
    "houses.csv": HOUSES,
    "empty.csv": "",
    "names_only.csv": "area,rooms,price\n",
    "missing.csv": HOUSES + "31,,5\n",
    "infinite.csv": HOUSES + "31,inf,5\n",
    "text.csv": HOUSES + "31,two,5\n",
    "names.csv": "name,age,city,price\nAnn,31,Bern,5\nBob,,Basel,6\n",
    "short_line.csv": HOUSES + "31,2\n",
    "constant_target.csv": "area,price\n1,2\n3,2\n4,2\n",
    "three_classes.csv": "area,kind\n" + "1,a\n2,b\n3,c\n" * 10,
    "few.csv": "area,price\n1,2\n2,3\n3,4\n4,5\n",
    "rare.csv": "area,kind\n" + "1,a\n2,a\n3,a\n" * 10 + "4,b\n",
    "no_rooms.csv": "area,price\n1,2\n",
    "extra.csv": "area,rooms,garden,price\n1,2,3,4\n",
    "unpriced.csv": "area,rooms\n1,2\n",
    "text.svm": "1 1:2\n1 1:two\n",
    "damaged.npz": "PK\x03\x04damaged",
}


def write_files(folder):
    """Write the files above, and a model: good, cut off, of another version."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content.encode("latin-1"))
    model = folder / "model.npz"
    assert main(["fit", str(folder / "houses.csv"), "--strength", "0.1", "--out", str(model), "--json"]) == 0
    (folder / "cut_off.npz").write_bytes(model.read_bytes()[:-60])
    with np.load(model) as stored:
        arrays = dict(stored)
    header = json.loads(arrays["header"].tobytes())
    arrays["header"] = np.frombuffer(json.dumps({**header, "version": 9}).encode(), dtype=np.uint8)
    written = io.BytesIO()
    np.savez(written, **arrays)
    (folder / "newer.npz").write_bytes(written.getvalue())


@pytest.fixture(scope="module")
def names():
    """What the page defines before its tables."""
    found = {}
    exec("".join(example.source for example in doctest.DocTestParser().get_examples(SETUP)), found)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad input")
    write_files(folder)
    return folder


def assert_says(said, expected):
    assert "\n" not in said
    assert said.endswith(".")
    shown = said.replace("`", "'")  # a backtick cannot stand inside the page's own
    assert doctest.OutputChecker().check_output(expected + "\n", shown + "\n", doctest.ELLIPSIS), said


@pytest.mark.parametrize(("call", "sentence"), CALLS, ids=[call for call, _ in CALLS])
def test_what_a_call_says(call, sentence, names):
    with pytest.raises((ValueError, TypeError)) as refused:
        exec(call, dict(names))
    assert_says(str(refused.value), sentence)


@pytest.mark.parametrize(("command", "sentence"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_what_a_command_says(command, sentence, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(shlex.split(command)[1:]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert_says(said.err.rstrip("\n"), sentence)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_no_line_of_the_page_is_left_out():
    assert len(ROWS) == len(re.findall(r"^\| `", PAGE, re.M))
    assert len(CALLS) > 50
    assert len(COMMANDS) > 30
