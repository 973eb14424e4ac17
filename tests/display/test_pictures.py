"""The picture of a path: it shows the numbers it is given, its axes say what they are, no texts overlap."""

import io
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp

pytest.importorskip("matplotlib")
from matplotlib.text import Text

from fastreg.display import Validation, path_picture

pytestmark = pytest.mark.small

STRENGTHS = np.geomspace(2.0, 0.002, 25)


def weights_of(n_features, seed=0):
    """Lines that leave 0 one after another, as those of a path do."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform(0.05, 1.9, n_features)[:, None]
    return rng.standard_normal((n_features, 1)) * np.maximum(0.0, np.log(starts / STRENGTHS))


def validation():
    losses = 1.0 + np.log(STRENGTHS / 0.05) ** 2
    return Validation(losses, 0.1 * losses, "loss on rows left out")


def drawn(n_features, names=None, **words):
    weights = words.pop("weights", weights_of(n_features))
    names = names or [f"feature {j}" for j in range(n_features)]
    words = {"title": "price: a path", "weight_label": "weight\n(units of price)"} | words
    figure = path_picture(STRENGTHS, weights, names, **words)
    figure.savefig(io.BytesIO(), format="png")
    return figure


def lines_of(axes):
    """The lines of weights: what is drawn over all strengths."""
    return [line for line in axes.get_lines() if len(line.get_xdata()) == len(STRENGTHS)]


def texts_of(figure):
    """Everything that is written, with its box in pixels."""
    found = list(figure.texts)
    for axes in figure.axes:
        legend = axes.get_legend()
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else [])]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    visible = [text for text in found if text.get_visible() and text.get_text()]
    # The box of an annotation holds its leader; that of the text alone is what is read.
    return [(text.get_text(), Text.get_window_extent(text)) for text in visible]


def assert_readable(figure):
    """Assert that no text overlaps another or leaves the picture."""
    written = texts_of(figure)
    inside = figure.bbox
    for text, box in written:
        assert inside.x0 - 1 <= box.x0 <= box.x1 <= inside.x1 + 1, text
        assert inside.y0 - 1 <= box.y0 <= box.y1 <= inside.y1 + 1, text
    for (one, box), (other, beside) in combinations(written, 2):
        apart = (
            box.x1 <= beside.x0 or beside.x1 <= box.x0 or box.y1 <= beside.y0 + 1 or beside.y1 <= box.y0 + 1
        )
        assert apart, (one, other)


def test_the_lines_are_the_numbers():
    weights = weights_of(6)
    figure = drawn(6, weights=weights, chosen=0.05, validation=validation())
    upper, lower = figure.axes
    np.testing.assert_array_equal(lines_of(upper)[0].get_xydata(), np.c_[STRENGTHS, validation().losses])
    found = {tuple(line.get_ydata()) for line in lines_of(lower)}
    assert found == {tuple(row) for row in weights}
    for axes in (upper, lower):
        marks = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
        assert [line.get_xdata() for line in marks] == [[0.05, 0.05]]


def test_order_and_layout_of_the_arrays_do_not_matter():
    weights = weights_of(6)
    pictures = []
    for matrix, turned in [(weights, 1), (sp.csc_array(weights), 1), (sp.csr_array(weights[:, ::-1]), -1)]:
        figure = path_picture(STRENGTHS[::turned], matrix, list("abcdef"), title="", weight_label="")
        pictures.append([line.get_xydata().tolist() for line in lines_of(figure.axes[0])])
    assert pictures[0] == pictures[1] == pictures[2]


def test_axes_say_what_they_are():
    upper, lower = drawn(6, chosen=0.05, validation=validation()).axes
    assert upper.get_ylabel() == "loss on rows left out"
    assert lower.get_ylabel() == "weight\n(units of price)"
    assert "lambda" in lower.get_xlabel()
    assert lower.get_xlim()[0] > 2.0 > 0.002 == lower.get_xlim()[1]
    assert {text.get_text() for text in upper.get_legend().get_texts()} == {
        "mean loss",
        "one standard error",
        "chosen: lambda = 0.05",
    }


def test_the_largest_at_the_chosen_strength_are_named():
    weights = weights_of(40)
    names = [f"n{j}" for j in range(40)]
    at = int(np.argmin(abs(STRENGTHS - 0.05)))
    for chosen, place, where in [(STRENGTHS[at], at, "at the chosen"), (None, -1, "at the weakest")]:
        figure = drawn(40, names, weights=weights, chosen=chosen)
        largest = np.argsort(-abs(weights[:, place]))[:10]
        named = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
        assert {*named} == {names[j] for j in largest}
        colours = {tuple(line.get_ydata()): line.get_color() for line in lines_of(figure.axes[0])}
        assert all(colours[tuple(weights[j])] == named[names[j]] for j in largest)
        assert len(colours) == 40
        assert f"named: the 10 largest weights {where}" in figure.axes[0].get_xlabel()
        assert "grey: all others" in figure.axes[0].get_xlabel()


def test_what_is_zero_at_the_chosen_strength_is_named_only_where_all_are():
    weights = weights_of(6)
    weights[[0, 2, 5], :12] = 0.0
    figure = drawn(6, list("abcdef"), weights=weights, chosen=STRENGTHS[11])
    assert {text.get_text() for text in figure.axes[0].texts} == {
        "abcdef"[j] for j in np.flatnonzero(weights[:, 11])
    }
    weights[:, 0] = 0.0
    figure = drawn(6, list("abcdef"), weights=weights, chosen=2.0)
    assert {text.get_text() for text in figure.axes[0].texts} == {*"abcdef"}


def test_of_many_lines_the_largest_are_drawn_and_it_is_said():
    weights = weights_of(900)
    figure = drawn(900, weights=weights)
    kept = np.array([line.get_ydata() for line in lines_of(figure.axes[0])])
    assert len(kept) == 200
    reach = np.sort(abs(weights).max(axis=1))
    np.testing.assert_allclose(np.sort(abs(kept).max(axis=1)), reach[-200:])
    count = np.count_nonzero(reach)
    assert f"the 190 largest others of {count}" in figure.axes[0].get_xlabel()


@pytest.mark.parametrize(
    "words",
    [
        {"n_features": 3, "chosen": 0.05, "validation": validation()},
        {"n_features": 300, "chosen": 0.05, "validation": validation()},
        {"n_features": 1},
        {"n_features": 40, "chosen": 2.0, "title": "a title that is longer than what a line can hold " * 4},
        {
            "n_features": 4,
            "names": ["$x_1^2$ in $", "a_b^{c", "w" * 80, "W" * 80],
            "weight_label": "weight $",
        },
        {"n_features": 12, "weights": np.full((12, 25), 1.0)},
        {"n_features": 4, "weights": np.zeros((4, 25)), "chosen": 2.0},
        {"n_features": 12, "weights": 1e-9 * weights_of(12)},
        {"n_features": 12, "weights": 1e9 * weights_of(12), "chosen": 0.002},
    ],
    ids=lambda words: f"{words['n_features']} features, {', '.join(words)}",
)
def test_texts_do_not_overlap(words):
    assert_readable(drawn(**words))


def test_names_are_no_formulas():
    names = ["$x_1^2$", "a$", "$b$ in $", "c"]
    figure = drawn(4, names, title="$t$", weight_label="$u$")
    axes = figure.axes[0]
    assert {text.get_text() for text in axes.texts} == {*names}
    written = [*axes.texts, axes.yaxis.label, figure._suptitle]
    assert [text.get_text() for text in written if text.get_parse_math()] == []


@pytest.mark.parametrize("ratio", [0.999, 0.7, 0.3, 1e-2, 1e-6])
def test_strengths_are_numbered_on_any_range(ratio):
    strengths = np.geomspace(3.0, 3.0 * ratio, 5)
    figure = path_picture(strengths, np.ones((2, 5)), ["a", "b"], title="", weight_label="")
    figure.savefig(io.BytesIO(), format="png")
    assert_readable(figure)
    axis = figure.axes[0].xaxis
    low, high = sorted(axis.get_view_interval())
    seen = [place for place in axis.get_majorticklocs() if low <= place <= high]
    assert 2 <= len(seen) <= 12
    shown = [label.get_text() for label in axis.get_majorticklabels()]
    assert len({*shown}) == len(shown)


def test_no_window_is_opened():
    code = (
        "import sys, numpy; from fastreg.display import path_picture; "
        "figure = path_picture(numpy.ones(1), numpy.ones((1, 1)), ['a'], title='', weight_label=''); "
        "figure.savefig(sys.stdout.buffer); "
        "print('pyplot' in ' '.join(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ended.stdout.startswith(b"\x89PNG")
    assert ended.stderr.strip() == b"False"
