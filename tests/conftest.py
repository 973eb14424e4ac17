"""What every test file shares: one folder of compiled kernels that outlives the run."""

import os
from pathlib import Path


def pytest_configure(config):
    """Keep compiled kernels between runs, away from the user's own cache.

    Set before any test module is imported, so that fastreg sees it whenever it looks. The tests of the cache
    itself run subprocesses with folders of their own; whoever sets FASTREG_CACHE_DIR keeps what was set.
    """
    os.environ.setdefault("FASTREG_CACHE_DIR", str(Path(config.rootpath) / ".fastreg_cache"))
