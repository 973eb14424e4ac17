"""Model files: what was written comes back, and everything else is refused in one sentence."""

import json

import numpy as np
import pytest

from fastreg.cli import model_file
from fastreg.cli.model_file import read_model, write_model
from fastreg.data import Numbered

pytestmark = pytest.mark.small

DESCRIBED = {
    "task": "classification",
    "loss": "logistic",
    "penalty": "elasticnet",
    "strength": 0.25,
    "l1_ratio": 0.5,
    "classes": ["no", "yes"],
    "standardize": True,
    "target": "bought",
    "dropped": ["id"],
}
COEF = np.array([0.1, -np.pi, 0.0])


@pytest.fixture
def written(tmp_path):
    """Write a model, some of it changed (or left out: None), and return its path."""

    def write(changes=None, /, **parts):
        path = tmp_path / "model.npz"
        write_model(path, COEF, -1.5, ["a", "b", "c"], DESCRIBED)
        with np.load(path, allow_pickle=False) as archive:
            stored = dict(archive)
        told = json.loads(stored["header"].tobytes()) | (changes or {})
        told = {key: value for key, value in told.items() if value is not ...}
        stored["header"] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
        kept = {key: part for key, part in (stored | parts).items() if part is not None}
        np.savez(path, **kept)
        return path

    return write


class Bomb:
    """Goes off where it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("it went off",))


def refused(path):
    with pytest.raises(ValueError, match=r"\A[^\n]{10,300}\.\Z") as caught:
        read_model(path)
    return str(caught.value)


@pytest.mark.parametrize("names", [["a", "b", "日本語"], Numbered("x", 5, 3)])
def test_a_model_comes_back(tmp_path, names):
    write_model(tmp_path / "model", COEF, -1.5, names, DESCRIBED)
    stored = read_model(tmp_path / "model")
    assert stored.coef.tobytes() == COEF.tobytes()
    assert (stored.intercept, list(stored.feature_names)) == (-1.5, list(names))
    assert stored.told() == DESCRIBED
    assert type(stored.feature_names) is type(names)
    model = stored.model()
    assert (model.penalty.l1_ratio, model.standardize, type(model.loss).__name__) == (0.5, True, "Logistic")


def test_the_same_model_is_the_same_file(tmp_path):
    for name in ("first", "second"):
        write_model(tmp_path / name, COEF, -1.5, ["a", "b", "c"], DESCRIBED)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_what_is_no_archive(tmp_path, written):
    path = written()
    whole = path.read_bytes()
    for content, words in [
        (b"a,b\n1,2\n", "no npz archive"),
        (b"", "no npz archive"),
        (whole[:-30], "damaged or cut off"),
        (whole[: len(whole) // 2], "damaged or cut off"),
        (whole.replace(b"version", b"vErsion"), "damaged or cut off"),
    ]:
        path.write_bytes(content)
        assert words in refused(path)
    np.savez(path, X=np.ones((2, 2)), y=np.ones(2))
    assert "no model file" in refused(path)
    assert "'header'" in refused(path)
    with pytest.raises(FileNotFoundError, match="no file"):
        read_model(tmp_path / "nowhere")


def test_python_objects_are_never_loaded(written):
    bomb = np.empty(3, dtype=object)
    bomb[:] = [Bomb()] * 3
    for part in ("header", "coef", "intercept"):
        assert "Python objects" in refused(written(**{part: bomb}))


@pytest.mark.parametrize("part", ["header", "coef", "intercept"])
def test_a_part_that_is_missing(written, part):
    assert f"{part!r}" in refused(written(**{part: None}))


@pytest.mark.parametrize("key", sorted({*DESCRIBED, "feature_names"}))
def test_a_word_that_is_missing_or_wrong(written, key):
    assert f"{key!r}" in refused(written({key: ...}))
    assert refused(written({key: {"never": "heard of"} if key != "feature_names" else 3}))


@pytest.mark.parametrize(
    ("header", "parts", "words"),
    [
        ({"version": 2}, {}, ["version 2", "reads version 1"]),
        ({"version": ...}, {}, ["version None"]),
        ({"task": "regression"}, {}, ["contradicts itself"]),
        ({"classes": None}, {}, ["contradicts itself"]),
        ({"penalty": "l1"}, {}, ["contradicts itself"]),
        ({"l1_ratio": None}, {}, ["contradicts itself"]),
        ({"classes": ["yes", "yes"]}, {}, ["'classes'"]),
        ({"classes": ["yes", 1]}, {}, ["'classes'"]),
        ({"strength": -1}, {}, ["'strength'", "-1"]),
        ({"l1_ratio": 1.5}, {}, ["'l1_ratio'"]),
        ({"feature_names": ["a", "b"]}, {}, ["3 weights", "2 names"]),
        ({"feature_names": {"prefix": "x", "first": 0, "count": 4}}, {}, ["3 weights", "4 names"]),
        ({"feature_names": {"prefix": "x", "first": 0}}, {}, ["names", "damaged"]),
        ({"feature_names": ["a", "b", 3]}, {}, ["names", "damaged"]),
        ({}, {"coef": np.array([1.0, np.nan, 0.0])}, ["'coef'", "finite"]),
        ({}, {"coef": np.array(["1", "2", "3"])}, ["'coef'", "finite"]),
        ({}, {"coef": np.ones((3, 1))}, ["3 names"]),
        ({}, {"intercept": np.ones(2)}, ["2 intercepts"]),
        ({}, {"intercept": np.float64(np.inf)}, ["'intercept'", "finite"]),
        ({}, {"header": np.frombuffer(b"{", dtype=np.uint8)}, ["header", "damaged"]),
        ({}, {"header": np.frombuffer(b"\xff\xfe[]", dtype=np.uint8)}, ["header", "damaged"]),
        ({}, {"header": np.frombuffer(b"[1]", dtype=np.uint8)}, ["version None"]),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit(written, header, parts, words):
    sentence = refused(written(header, **parts))
    assert [word for word in words if word not in sentence] == []


def test_every_word_of_the_header_is_looked_at():
    assert {*DESCRIBED, "feature_names"} == {*model_file._KNOWN}
