"""`--drop`: a column that is left out of the fit is left out of everything that the model does later."""

import json

import numpy as np
import pytest


@pytest.fixture
def noted(csv):
    """The CSV of the regression problem with two columns of text, one of them the first."""
    heads, *rows = csv.read_text().splitlines()
    text = [f"id,{heads.removesuffix(',y')},note,y"]
    for number, row in enumerate(rows):
        numbers, _, y = row.rpartition(",")
        text.append(f"row {number},{numbers},{'' if number % 2 else 'seen'},{y}")
    path = csv.with_name("noted.csv")
    path.write_text("\n".join(text))
    return path


def test_a_dropped_column_takes_no_part(run, fitted, csv, noted, tmp_path):
    model = tmp_path / "model.npz"
    plain = fitted(csv, "--strength", "0.05")
    told = fitted(noted, "--strength", "0.05", "--drop", "id", "--drop", "note", "--out", model)
    assert (told["dropped"], told["columns"], told["objective"]) == (["id", "note"], 8, plain["objective"])
    assert "left out: id, note" in run("path", noted, "--drop", "id", "--drop", "note", "--strengths", 2)[1]
    answers = [json.loads(run("predict", model, path, "--json")[1]) for path in (csv, noted)]
    values = [[entry["prediction"] for entry in told["predictions"]] for told in answers]
    np.testing.assert_array_equal(*values)
    more = tmp_path / "more.csv"
    more.write_text(
        "\n".join(f"{line},{'k' if not n else 'x'}" for n, line in enumerate(csv.read_text().splitlines()))
    )
    extra = json.loads(run("predict", model, more, "--drop", "k", "--json")[1])["predictions"]
    assert extra == answers[0]["predictions"]
    assert json.loads(run("certify", model, more, "--drop", "k", "--json")[1])["optimal"]
    for path in (csv, noted):
        assert json.loads(run("certify", model, path, "--json")[1])["optimal"]
