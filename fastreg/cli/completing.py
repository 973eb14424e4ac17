"""`fastreg completion`: scripts for completion by Tab, made from the parser of the command line itself."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .commands import Parser, parsers

# What the values of options and positionals are called where they are names of files.
_FILES = {"FILE", "MODEL", "PATH", "OUT", "PNG", "HTML"}


class Word(NamedTuple):
    """An option, or a positional (which has no names)."""

    names: Sequence[str]
    value: str | None
    choices: Sequence[str]
    help: str

    def takes_file(self) -> bool:
        """Whether its value is the name of a file."""
        return self.value in _FILES


def completion(arguments: argparse.Namespace) -> int:
    """Print the script for a shell."""
    whole, commands = parsers()
    summaries = {choice.dest: choice.help or "" for choice in _subcommands(whole)}
    words = {name: _words(parser) for name, parser in commands.items()}
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell]
    print(script(summaries, words, _words(whole)))
    return 0


def _subcommands(whole: Parser) -> Sequence[argparse.Action]:
    """Return an action for each command, for its name and summary."""
    added = [action for action in whole._actions if isinstance(action, argparse._SubParsersAction)]
    return added[0]._choices_actions


def _words(parser: Parser) -> list[Word]:
    """Return what a parser takes."""
    words = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        choices = [str(choice) for choice in action.choices or ()]
        value = None if action.nargs == 0 else str(action.metavar or action.dest).upper()
        words.append(Word(action.option_strings, value, choices, action.help or ""))
    return words


def _options(words: Sequence[Word]) -> str:
    return " ".join(name for word in words for name in word.names)


def _bash(summaries: Mapping[str, str], words: Mapping[str, Sequence[Word]], whole: Sequence[Word]) -> str:
    """Return the script for bash 3.2 and later; where it offers nothing, bash offers files."""
    values, offers = [], []
    for command, entries in words.items():
        free = [choice for word in entries if not word.names for choice in word.choices]
        takes_file = any(not word.names and word.takes_file() for word in entries)
        offer = "[[ $word == -* ]] && offered" if takes_file else "offered"
        offers.append(f'{command}) {offer}="{" ".join([*free, _options(entries)])}" ;;')
        for word in entries:
            pattern = "|".join(f'"{command} {name}"' for name in word.names)
            if word.names and word.choices:
                values.append(f'{pattern}) offered="{" ".join(word.choices)}" ;;')
            elif word.names and word.takes_file():
                values.append(f"{pattern}) return ;;")
            elif word.names and word.value:
                values.append(f"{pattern}) compopt +o default 2>/dev/null; return ;;")
    filled = _BASH.replace("@first", f"{' '.join(summaries)} {_options(whole)}")
    return filled.replace("@values", "\n        ".join(values)).replace(
        "@offers", "\n            ".join(offers)
    )


_BASH = """\
# Completion of fastreg for bash, printed by: fastreg completion bash
_fastreg() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} offered=""
    # bash cuts --option=value into three words.
    if [[ $word == "=" ]]; then word=""; fi
    if [[ $before == "=" ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
    COMPREPLY=()
    if (( COMP_CWORD == 1 )); then
        COMPREPLY=($(compgen -W "@first" -- "$word"))
        return
    fi
    case "${COMP_WORDS[1]} $before" in
        @values
        *) case ${COMP_WORDS[1]} in
            @offers
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$offered" -- "$word"))
}
complete -o default -F _fastreg fastreg"""


def _zsh(summaries: Mapping[str, str], words: Mapping[str, Sequence[Word]], whole: Sequence[Word]) -> str:
    """Return the script for zsh, to be read after compinit."""
    commands = " ".join(_quoted(f"{name}:{_plain(text)}") for name, text in summaries.items())
    cases = [
        f"{command}) _arguments {' '.join(spec for word in entries for spec in _zsh_specs(word))} ;;"
        for command, entries in words.items()
    ]
    filled = _ZSH.replace("@commands", commands).replace("@first", _options(whole))
    return filled.replace("@cases", "\n        ".join(cases))


_ZSH = """\
#compdef fastreg
# Completion of fastreg for zsh, printed by: fastreg completion zsh
_fastreg() {
    local -a commands
    commands=(@commands)
    if (( CURRENT == 2 )); then
        _describe -t commands command commands
        compadd -- @first
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
        @cases
    esac
}
compdef _fastreg fastreg"""


def _zsh_specs(word: Word) -> list[str]:
    """Return what `_arguments` of zsh is told of an option or a positional."""
    action = f"({' '.join(word.choices)})" if word.choices else "_files" if word.takes_file() else " "
    value = "" if word.value is None else f":{word.value}:{action}"
    if not word.names:
        return [_quoted(value)]
    told = _plain(word.help).replace("[", "(").replace("]", ")")
    return [_quoted(f"{name}[{told}]{value}") for name in word.names]


def _fish(summaries: Mapping[str, str], words: Mapping[str, Sequence[Word]], whole: Sequence[Word]) -> str:
    """Return the script for fish."""
    lines = ["# Completion of fastreg for fish, printed by: fastreg completion fish"]
    for name, summary in summaries.items():
        lines.append(f"complete -c fastreg -n __fish_use_subcommand -f -a {name} -d {_quoted(summary)}")
    for condition, entries in [("__fish_use_subcommand", whole), *_fish_conditions(words)]:
        head = f"complete -c fastreg -n {_quoted(condition)}"
        if not any(not word.names and word.takes_file() for word in entries):
            lines.append(f"{head} -f")
        for word in entries:
            names = "".join(f" -l {n[2:]}" if n.startswith("--") else f" -s {n[1:]}" for n in word.names)
            value = ""
            if word.choices:
                value = f" -x -a {_quoted(' '.join(word.choices))}"
            elif word.names and word.value:
                value = " -r -F" if word.takes_file() else " -x"
            if names or value:
                lines.append(f"{head}{names}{value} -d {_quoted(word.help)}")
    return "\n".join(lines)


def _fish_conditions(words: Mapping[str, Sequence[Word]]) -> list[tuple[str, Sequence[Word]]]:
    return [(f"__fish_seen_subcommand_from {name}", entries) for name, entries in words.items()]


def _plain(text: str) -> str:
    """Return a text without the colons that zsh takes for ends of fields."""
    return text.replace(":", ",")


def _quoted(text: str) -> str:
    """Return a text in single quotes, as all three shells read it."""
    return "'" + text.replace("\\", "").replace("'", "") + "'"
