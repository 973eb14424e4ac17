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
ESTIMATOR = """
import fastreg
fastreg.Lasso(0.1).fit(X, y)
"""
# One problem in every form that is made alike before a kernel sees it.
FORMS = """
import fastreg, scipy.sparse
from fastreg.losses import Squared
from fastreg.penalties import L1
frozen = X.copy()
frozen.flags.writeable = y.flags.writeable = False
wide = scipy.sparse.csc_array(X)
wide.indices, wide.indptr = wide.indices.astype(numpy.int64), wide.indptr.astype(numpy.int64)
sparse = scipy.sparse.csr_matrix(X), scipy.sparse.csc_matrix(X), wide
for form in (X, numpy.ascontiguousarray(X), frozen, *sparse):
    for target in (y, y.copy(), y.tolist()):
        fastreg.solve(form, target, loss=Squared(), penalty=L1(0.1))
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
    run(DATA + ESTIMATOR)


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

    def timeraw_first_fit_of_an_estimator_warm(self):
        return DATA + ESTIMATOR

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
    """Exact: what the first fit compiles, that the second process compiles nothing, how much is kept.

    Bytes are those of compiled code, which changes with the processor and the compiler.
    """

    version = "1"

    def setup_cache(self):
        with tempfile.TemporaryDirectory() as folder:
            codes = (FIT, FIT, ESTIMATOR, FORMS)
            reports = [run(DATA + code + REPORT, FASTREG_CACHE_DIR=folder) for code in codes]
        return [[int(word) for word in report.split()] for report in reports]

    setup_cache.timeout = 600

    def track_kernels_compiled_by_the_first_process(self, reports):
        return reports[0][1]

    def track_kernels_compiled_by_the_second_process(self, reports):
        return reports[1][1]

    def track_cache_files(self, reports):
        return reports[1][2]

    def track_kernels_compiled_by_the_estimator_beyond(self, reports):
        return reports[2][1]

    def track_specialisations_of_one_problem_in_every_form(self, reports):
        return reports[3][2]

    def track_cache_bytes(self, reports):
        return reports[1][3]

    track_cache_bytes.unit = "bytes"
