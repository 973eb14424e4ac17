"""What is expected, what was found, and where the two differ: tolerance 0."""

import json
from typing import NamedTuple


class Change(NamedTuple):
    """One number that is not what it was; None where it was not or is not there."""

    benchmark: str
    counter: str
    old: int | None
    new: int | None

    def __str__(self):
        """Say it in one line."""
        old, new = ("absent" if number is None else number for number in (self.old, self.new))
        share = f" ({self.new / self.old - 1:+.2%})" if self.old and self.new is not None else ""
        return f"{self.counter} of [{self.benchmark}]: {old} -> {new}{share}"


def changes(old, new):
    """Return every `Change` between two dicts of counters by benchmark."""
    found = []
    for benchmark in sorted(old.keys() | new.keys()):
        before, after = old.get(benchmark, {}), new.get(benchmark, {})
        for counter in sorted(before.keys() | after.keys()):
            change = Change(benchmark, counter, before.get(counter), after.get(counter))
            if change.old != change.new:
                found.append(change)
    return found


def other_versions(expected, found):
    """Return in words which versions are not those that something was written with, or None."""
    others = [
        f"{name} {found.get(name)} instead of {version}"
        for name, version in expected.items()
        if found.get(name) != version
    ]
    return ", ".join(others) or None


def stored(counts, versions):
    """Return the text of a file: sorted, one number a line."""
    return json.dumps({"versions": versions, "counts": counts}, indent=1, sort_keys=True) + "\n"
