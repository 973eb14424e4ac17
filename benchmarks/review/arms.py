"""The arms of a review: two states of the package, the first of them twice, in fresh processes by turns."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ARMS = "base", "head", "control"
WORKING_TREE = "."
_ONE_THREAD = dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"], "1")


class Broken(Exception):
    """An arm that could not be made or that ended without an answer."""


def git(*words):
    """Return what git prints, as bytes.

    Raises
    ------
    Broken
        If it fails.
    """
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True)
    if done.returncode:
        raise Broken(done.stderr.decode().strip().splitlines()[-1])
    return done.stdout


def named(revision):
    """Return what to call a revision: its short hash and its subject."""
    if revision == WORKING_TREE:
        return "the working tree"
    return git("log", "-1", "--format=%h %s", revision).decode().strip()


def unpack(revision, folder):
    """Put the package of a revision, or of the working tree, into a folder of its own."""
    folder.mkdir()
    if revision == WORKING_TREE:
        shutil.copytree(ROOT / "fastreg", folder / "fastreg", ignore=shutil.ignore_patterns("__pycache__"))
        return
    packed = git("archive", "--format=tar", revision, "fastreg")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


class Arms:
    """The unpacked packages of a review; the control is the base again.

    Both arms share one Python environment. Each has its folder of the package, first on the path, and its
    folder of compiled code; what is measured, and how, are this checkout's in both.
    """

    def __init__(self, base, head, folder, limit):
        self.folder, self.limit = folder.resolve(), limit
        self.homes = {"base": self.folder / "base", "head": self.folder / "head"}
        self.homes["control"] = self.homes["base"]
        unpack(base, self.homes["base"])
        unpack(head, self.homes["head"])

    def run(self, arm, rows):
        """Measure rows in a fresh process of an arm, and return what it found.

        Raises
        ------
        Broken
            If it ends without an answer.
        """
        home, answer = self.homes[arm], self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        own = "FASTREG_", "NUMBA_"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        environment = kept | _ONE_THREAD | {
            "PYTHONPATH": os.pathsep.join([str(home), str(ROOT), *sys.path]),
            "PYTHONSAFEPATH": "1",
            "FASTREG_CACHE_DIR": str(home / "compiled"),
            "FASTREG_NOTICE": "0",
        }  # fmt: skip
        words = [sys.executable, "-m", "benchmarks.review.arm", str(answer), str(home), *rows]
        try:
            done = subprocess.run(
                words, env=environment, capture_output=True, text=True, timeout=self.limit, cwd=self.folder
            )
        except subprocess.TimeoutExpired:
            raise Broken(f"A process of {arm} did not end within {self.limit} s.") from None
        if done.returncode or not answer.is_file():
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise Broken(f"A process of {arm} ended with exit code {done.returncode}: {last}")
        return json.loads(answer.read_text("utf-8"))

    def rounds(self, n_rounds, rows, tell):
        """Measure rows round by round, each process once a round, there and back in turn.

        The head stands in the middle of its two baselines, so that what drifts steadily cancels.

        Returns
        -------
        list of dict
            For each round what each arm found.
        """
        for arm in ("base", "head"):
            tell(f"compiling for {arm}")
            self.run(arm, rows)
        found = []
        for number in range(n_rounds):
            tell(f"round {number + 1} of {n_rounds}")
            found.append({arm: self.run(arm, rows) for arm in (ARMS if number % 2 == 0 else ARMS[::-1])})
        return found
