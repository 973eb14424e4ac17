"""Compare the counts with those in benchmarks/expected, or write them there."""

import argparse
import json
import sys
from pathlib import Path

from ..exit_codes import Exit
from . import machine
from .comparison import changes, other_versions, stored
from .problems import PARTS

EXPECTED = Path(__file__).parents[1] / "expected"
FILES = {"work": EXPECTED / "work.json", "code": EXPECTED / "code.json"}


def collected(parts):
    """Return the counts of both files from what the parts found.

    Raises
    ------
    RuntimeError
        If two parts found different code for the same specialisation.
    """
    work, code = {}, {}
    for found in parts.values():
        work |= found["work"]
        for kernel, by_signature in found["code"].items():
            for signature, digest in by_signature.items():
                name = f"{kernel}: {signature}"
                if code.setdefault(name, digest) != digest:
                    raise RuntimeError(f"{name} was compiled to {code[name]} and to {digest}.")
    names = [name.partition(": ")[0] for name in code]
    compiled = {name: names.count(name) for name in names}
    return {"work": work | {"specialisations compiled": compiled}, "code": code}


def check(found, versions):
    """Print what differs from the files, and return whether anything does that must not."""
    failed = False
    for name, file in FILES.items():
        kept = json.loads(file.read_text("utf-8"))
        others = other_versions(kept["versions"], versions)
        differences = changes(kept["counts"], found[name])
        told_only = name == "code" and others is not None
        if others:
            print(f"{file.name} was written with other versions, this is {others}.")
        if told_only:
            print(f"So {len(differences)} differences in compiled code are not judged.")
        for change in differences:
            print(f"{'differs' if told_only else 'CHANGED'}: {change}")
        failed |= bool(differences) and not told_only
        n_numbers = sum(map(len, found[name].values()))
        print(f"{file.name}: {n_numbers} numbers compared, {len(differences)} differ.")
    return failed


def main(words=None):
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counters", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="compare, and end with 5 where a number differs")
    what.add_argument("--write", action="store_true", help="write what is found to benchmarks/expected")
    what.add_argument(
        "--requirements", action="store_true", help="print what pip must install to compare code too"
    )
    parser.add_argument("--threads", type=int, default=1, help="of each fit (1); the counts are the same")
    asked = parser.parse_args(words)
    if asked.requirements:
        versions = json.loads(FILES["code"].read_text("utf-8"))["versions"]
        print(*(f"{name}=={version}" for name, version in versions.items() if name != "python"), sep="\n")
        return Exit.FINE
    if refusal := machine.refusal():
        print(refusal)
        return Exit.NOTHING_MEASURED
    try:
        found = collected(machine.measured(PARTS, asked.threads))
    except RuntimeError as error:
        print(error)
        return Exit.RAISED
    versions = machine.versions()
    if asked.write:
        for name, file in FILES.items():
            file.write_text(stored(found[name], versions), "utf-8")
        print(f"Written: {', '.join(file.name for file in FILES.values())}; git diff shows what changed.")
        return Exit.FINE
    if not check(found, versions):
        return Exit.FINE
    print("If this is meant: python -m benchmarks.counters --write, and say in the commit why.")
    return Exit.COUNTERS_CHANGED


if __name__ == "__main__":
    sys.exit(main())
