"""The comparison of a lambda that adapts with a grid counts what both did."""

import sys
from pathlib import Path

import numpy as np
import pytest

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.against import adaptive


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two data sets, of which one has a split."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 5))
    y = np.where(X[:, 0] + rng.standard_normal(300) > 0, 1.0, -1.0)
    np.savez(tmp_path / "split.npz", X=X, y=y, is_train=np.arange(300) < 200)
    np.savez(tmp_path / "whole.npz", X=X, y=y)
    monkeypatch.setenv("FASTREG_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_the_table(folder, capsys):
    adaptive.main(["--penalties", "l1", "--strengths", "3"])
    *_, line = lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == lines[0].count("|") - 1
    split = adaptive.Split.read(folder / "split.npz")
    adapted, grid = adaptive.measure(split, "l1", count=3)
    assert cells[:2] == ["split", "l1"]
    assert cells[3] == f"{adapted.loss:.4f}"
    assert int(cells[7]) == adapted.model.n_iter_
    assert int(cells[8]) == sum(each.model.n_iter_ for each in grid.values())
    margins = split.y_val * adapted.model.decision_function(split.X_val)
    assert adapted.loss == pytest.approx(np.mean(np.logaddexp(0, -margins)))


def test_a_target_of_numbers_is_standardised():
    rng = np.random.default_rng(0)
    split = adaptive.Split.of(
        10 + rng.standard_normal((200, 3)), 7 + rng.standard_normal(200), np.arange(200) < 150
    )
    assert not split.classes
    assert (split.y.mean(), split.y.std()) == pytest.approx((0, 1))
    assert split.X.mean(axis=0) == pytest.approx(np.zeros(3))
    assert split.fit(1e-3, "l2", "auto").loss < 1
