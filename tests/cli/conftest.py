"""What the tests of the command line share."""

import json

import numpy as np
import pytest
from problems import dense, sparse
from sklearn.datasets import dump_svmlight_file

from fastreg.cli import main


@pytest.fixture
def run(capsys):
    """Run a command and return its status, output and complaints."""

    def command(*argv):
        capsys.readouterr()
        status = main([str(argument) for argument in argv])
        return status, *capsys.readouterr()

    return command


@pytest.fixture
def fitted(run):
    """Run a fit that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("fit", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


@pytest.fixture
def csv(tmp_path):
    """A regression problem as a CSV file."""
    rows = dense(n=60, p=8)
    path = tmp_path / "numbers.csv"
    names = ",".join([*(f"c{j}" for j in range(8)), "y"])
    np.savetxt(path, np.column_stack([rows.X, rows.y]), delimiter=",", header=names, comments="", fmt="%.17g")
    return path


@pytest.fixture
def svmlight(tmp_path):
    """A problem with two classes as a sparse file."""
    rows = sparse(n=60, p=15)
    dump_svmlight_file(rows.X.tocsr(), rows.labels, str(tmp_path / "words"), zero_based=False)
    return tmp_path / "words"
