"""What a fresh process pays before its first answer. Every sample is a process of its own (`timeraw_`)."""

import functools
import os
import subprocess
import sys
import tempfile

DATA = """
import numpy
rng = numpy.random.default_rng(0)
X = numpy.asfortranarray(rng.standard_normal((200, 50)))
y = X[:, 0] + rng.standard_normal(200)
"""
FIT = """
import fastreg
from fastreg.losses import Squared
from fastreg.penalties import L1
fastreg.solve(X, y, loss=Squared(), penalty=L1(0.1))
"""
SKLEARN = """
from sklearn.linear_model import Lasso
Lasso(0.1).fit(X, y)
"""
FRESH_CACHE = """
import os, tempfile
folder = tempfile.TemporaryDirectory()
os.environ["FASTREG_CACHE_DIR"] = folder.name
"""
REPORT = """
print(*fastreg.jit.cache_info()[2:])
"""


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout


@functools.cache
def fill_the_cache():
    run(DATA + FIT)


class FirstFit:
    version = "1"
    number = 1
    warmup_time = 0
    repeat = (3, 6, 60)

    def setup(self):
        fill_the_cache()

    def timeraw_import(self):
        return "import fastreg"

    def timeraw_first_fit_warm(self):
        return DATA + FIT

    def timeraw_first_fit_of_scikit_learn(self):
        return DATA + SKLEARN


class FirstFitCold:
    version = "1"
    number = 1
    warmup_time = 0
    rounds = 1
    repeat = (1, 2, 60)

    def timeraw_first_fit_cold(self):
        return FRESH_CACHE + DATA + FIT


class Compiled:
    """Exact: what the first fit compiles, and that the second process compiles nothing."""

    version = "1"

    def setup_cache(self):
        with tempfile.TemporaryDirectory() as folder:
            reports = [run(DATA + FIT + REPORT, FASTREG_CACHE_DIR=folder) for _ in range(2)]
        return [[int(word) for word in report.split()] for report in reports]

    setup_cache.timeout = 600

    def track_kernels_compiled_by_the_first_process(self, reports):
        return reports[0][1]

    def track_kernels_compiled_by_the_second_process(self, reports):
        return reports[1][1]

    def track_cache_files(self, reports):
        return reports[1][2]
