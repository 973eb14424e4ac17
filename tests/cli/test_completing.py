"""`fastreg completion`: real shells offer what the parser takes."""

import shutil
import subprocess
import sys

import pytest

from fastreg.cli.commands import SHELLS, parsers
from fastreg.cli.completing import _words

pytestmark = pytest.mark.small

ALL = "fit", "cv", "path", "study", "predict", "certify", "doctor", "precompile", "cache", "completion"

# Asks the function of the script what it offers for the words of a line, of which the last is unfinished.
ASK_BASH = """
eval "$(cat script)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_fastreg
printf '%s\\n' "${COMPREPLY[@]}"
"""
ASK_FISH = "source ./script; complete --do-complete (string join ' ' -- $argv)"
# zsh completes at a prompt only, so one is made for it; what is offered goes through compadd, which tells it.
# The line editor itself says that it is there and that it is done: keys that come before it go astray.
ASK_ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source ./told'
zpty -r shell seen '*READY*'
zpty -w -n shell "$*"$'\\t\\x18'
zpty -r shell seen '*DONE*'
cat offered
"""
TOLD_ZSH = """
autoload -Uz compinit && compinit -D -u
eval "$(cat script)"
zle-line-init() { print READY }
zle -N zle-line-init
finished() { print DONE }
zle -N finished
bindkey '^X' finished
compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
        local -a hits
        builtin compadd -A hits "$@"
        print -rl -- $hits >> offered
    fi
    builtin compadd "$@"
}
"""


def needs(shell):
    absent = sys.platform == "win32" or shutil.which(shell) is None
    return pytest.mark.skipif(absent, reason=f"{shell} is not installed")


@pytest.fixture
def offered(run, tmp_path):
    """Ask a shell what it offers for a line."""
    for name in ("model.npz", "path.png"):
        (tmp_path / name).touch()

    def ask(shell, *words):
        status, script, err = run("completion", shell)
        assert (status, err) == (0, "")
        (tmp_path / "script").write_text(script)
        (tmp_path / "told").write_text(TOLD_ZSH)
        (tmp_path / "offered").write_text("")
        questions = {
            "bash": ["--norc", "-c", ASK_BASH, "bash"],
            "fish": ["--no-config", "-c", ASK_FISH],
            "zsh": ["-f", "-c", ASK_ZSH, "zsh"],
        }
        asked = subprocess.run(
            [shell, *questions[shell], *words], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert asked.stderr == ""
        return {line.split("\t")[0].strip() for line in asked.stdout.splitlines()} - {""}

    return ask


@needs("bash")
def test_bash_offers_all_that_the_parser_takes(offered):
    _, commands = parsers()
    assert offered("bash", "fastreg", "") >= {*commands}
    for name, parser in commands.items():
        options = {option for word in _words(parser) for option in word.names}
        assert offered("bash", "fastreg", name, "-") == options
        for word in _words(parser):
            for option in word.names if word.choices else ():
                assert offered("bash", "fastreg", name, option, "") == {*word.choices}
                assert offered("bash", "fastreg", name, option, "=", word.choices[-1][:2]) == {
                    word.choices[-1]
                }
    assert {*commands} == {*ALL}


@needs("bash")
def test_bash_offers_what_begins_as_typed(offered):
    assert offered("bash", "fastreg", "pr") == {"precompile", "predict"}
    assert offered("bash", "fastreg", "fit", "data.csv", "--pen") == {"--penalty"}
    assert offered("bash", "fastreg", "fit", "--penalty", "e") == {"elasticnet"}
    assert offered("bash", "fastreg", "completion", "") >= {*SHELLS}
    # Where nothing is offered, bash completes names of files, or nothing where a number is asked.
    for line in (["fit", ""], ["fit", "--out", ""], ["predict", "m"], ["fit", "--strength", ""]):
        assert offered("bash", "fastreg", *line) == set()


@needs("bash")
def test_bash_registers_the_function_with_files_behind_it(run, tmp_path):
    script = tmp_path / "script"
    script.write_text(run("completion", "bash")[1])
    told = subprocess.run(
        ["bash", "--norc", "-c", f"source {script}; complete -p fastreg"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["complete", "-o", "default", "-F", "_fastreg", "fastreg"]


@needs("fish")
def test_fish_offers_commands_options_values_and_files(offered):
    assert offered("fish", "fastreg", "''") >= {*ALL}
    assert "model.npz" not in offered("fish", "fastreg", "''")
    assert offered("fish", "fastreg", "fit", "--penalty", "''") == {"l1", "l2", "elasticnet"}
    assert offered("fish", "fastreg", "predict", "--f") == {"--format"}
    assert offered("fish", "fastreg", "predict", "mod") == {"model.npz"}
    assert offered("fish", "fastreg", "completion", "''") == {*SHELLS}


@needs("zsh")
def test_zsh_offers_commands_options_values_and_files(offered):
    assert offered("zsh", "fastreg ") >= {*ALL}
    assert offered("zsh", "fastreg fit --penalty ") >= {"l1", "l2", "elasticnet"}
    assert offered("zsh", "fastreg predict m") == {"model.npz"}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_script_names_every_option(run, shell):
    script = run("completion", shell)[1]
    options = {option for parser in parsers()[1].values() for word in _words(parser) for option in word.names}
    marks = {
        f"-l {option[2:]}" if shell == "fish" and option[:2] == "--" else option
        for option in options - {"-h"}
    }
    assert [mark for mark in marks if mark not in script] == []
