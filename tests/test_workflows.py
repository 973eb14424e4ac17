"""The workflows of .github/: pinned, without more rights than they need, and naming only what exists."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FILES = [*WORKFLOWS, *(ROOT / ".github" / "actions").rglob("*.yml")]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def lines(file):
    return file.read_text("utf-8").splitlines()


def each(files):
    return pytest.mark.parametrize("file", files, ids=lambda file: file.stem)


@each(FILES)
def test_every_action_is_pinned_to_a_commit(file):
    used = [line.partition("uses: ")[2] for line in lines(file) if re.match(r"\s*(- )?uses: ", line)]
    assert used
    wrong = [action for action in used if not action.startswith("./") and not PINNED.fullmatch(action)]
    assert wrong == []
    assert [action for action in used if action.startswith("./") and not (ROOT / action).exists()] == []


def test_an_action_has_one_version_everywhere():
    used = {pin for file in FILES for pin in re.findall(r"uses: (\S+@\S+ # \S+)", file.read_text("utf-8"))}
    assert len(used) == len({pin.partition("@")[0] for pin in used})


@each(WORKFLOWS)
def test_rights_are_given_job_by_job(file):
    text = file.read_text("utf-8")
    rights = re.search(r"^permissions:(.*\n(?:  .*\n)*)", text, re.M)[1].split()
    assert rights in (["{}"], ["contents:", "read"])
    assert re.search(r"^concurrency:$", text, re.M)
    assert "pull_request_target" not in text
    # A token that may write is not left lying in .git/config, where every later step would find it.
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@each(WORKFLOWS)
def test_every_job_ends(file):
    jobs = re.split(r"^  (?=[\w-]+:$)", file.read_text("utf-8").partition("\njobs:\n")[2], flags=re.M)[1:]
    assert jobs
    assert [job for job in jobs if "timeout-minutes: " not in job and "    uses: ./" not in job] == []


@each(FILES)
def test_what_is_named_exists(file):
    text = file.read_text("utf-8")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    asked = re.findall(r"(?:--group|  groups:) ([a-z ]+)$", text, re.M)
    assert {group for several in asked for group in several.split()} <= set(groups)
    assert [path for path in re.findall(r"\btests/[\w./]+", text) if not (ROOT / path).exists()] == []
