"""Every public name has its place in docs/api.rst, and the examples of its docstring run."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import fastreg

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "api.rst").read_text("utf-8")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [name for name, home in fastreg._HOMES.items() if home is None and name != "interop"] + ["display"]


def places():
    """The names in the tables of the page, each with the module that it is looked for in."""
    module = None
    for line in PAGE.splitlines():
        if found := re.fullmatch(r"\.\. currentmodule:: (\S+)", line):
            module = found[1]
        elif found := re.fullmatch(r"   (\w+)", line):
            yield f"{module}.{found[1]}"


PLACES = list(places())


def named(place):
    module, _, name = place.rpartition(".")
    return getattr(importlib.import_module(module), name)


def examples(place):
    """The examples of an object and, of a class, of its methods; they know the names of their module."""
    thing = named(place)
    if isinstance(thing, type):
        return [test for test in doctest.DocTestFinder().find(thing, place) if test.examples]
    names = dict(getattr(thing, "__globals__", {}))
    test = doctest.DocTestParser().get_doctest(thing.__doc__ or "", names, place, None, None)
    return [test] if test.examples else []


def test_every_public_name_has_a_place():
    public = {f"fastreg.{name}" for name, home in fastreg._HOMES.items() if home is not None}
    for module in MODULES:
        names = importlib.import_module(f"fastreg.{module}").__all__
        public |= {f"fastreg.{module}.{name}" for name in names}
    placed = {id(named(place)) for place in PLACES}
    assert [name for name in sorted(public) if id(named(name)) not in placed] == []


def test_no_name_has_two_places():
    assert len(set(PLACES)) == len(PLACES) > 100


@pytest.mark.parametrize("place", PLACES)
def test_examples_of_docstrings(place):
    report = []
    for test in examples(place):
        failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
        assert failed == 0, "".join(report)


def test_every_display_is_drawn_by_an_example():
    drawn = "".join(path.read_text("utf-8") for path in (DOCS / "gallery").glob("plot_*.py"))
    displays = [name for name in importlib.import_module("fastreg.display").__all__ if "Display" in name]
    assert len(displays) > 5
    assert [name for name in displays if f"{name}.from_" not in drawn] == []


def test_what_is_called_first_has_an_example():
    functions = {"solve", "path", "certify", "cross_validate", "study", "num_threads", "get_include"}
    first = functions | set(fastreg.estimators.__all__)
    rooms = r"fastreg\.(kernels|conventions)\."
    called = [place for place in PLACES if place.removeprefix("fastreg.") in first or re.match(rooms, place)]
    assert len(called) > 35
    assert [place for place in called if not examples(place)] == []
