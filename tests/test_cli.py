"""The command line: what it prints, what it writes, and one sentence for everything it cannot do."""

import argparse
import io
import json
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from problems import dense, sparse
from sklearn.datasets import dump_svmlight_file
from sklearn.metrics import accuracy_score, r2_score

import fastreg
from fastreg.cli import choosing, diagnosis, fitting, main, report
from fastreg.cli.activity import Activity
from fastreg.cli.choosing import Model, Target
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1


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


def stored(path):
    """Read a model file as another program would."""
    with np.load(path, allow_pickle=False) as archive:
        return json.loads(archive["header"].tobytes()), archive["coef"], float(archive["intercept"])


def train_and_rest(target, X):
    parts = target.parts(4)
    return X[parts != 0], target.y[parts != 0], X[parts == 0], target.y[parts == 0]


# fit


def test_the_table_fits_a_terminal(run):
    status, out, err = run("fit")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    for label in ("data", "rows", "columns", "non-zeros", "lambda", "gap", "weights", "score", "seconds"):
        assert f"\n{label} " in out
    assert "diabetes" in out
    assert "bmi" in out
    assert "lambda_max" in out


def test_table_and_json_tell_the_same(run, fitted):
    told, table = fitted("--strength", 3), run("fit", "--strength", 3)[1]
    for text in (
        f"{told['non_zeros']:,}",
        f"{told['non_zero_weights']} of 64",
        f"{told['intercept']:.6g}",
        f"{told['gap']:.1e}",
        f"{told['strength_over_critical']:.3g} lambda_max",
        f"{told['score']['held_out']:.4f}",
        f"{told['score']['constant_model']:.4f}",
        f"{told['largest_weights'][0]['weight']:.5g}",
    ):
        assert text in table


def test_the_same_command_gives_the_same_numbers(fitted, csv):
    first, second = fitted(csv), fitted(csv)
    for told in (first, second):
        told.pop("seconds")
        told.pop("kernels")
    assert first == second


@pytest.mark.parametrize(
    "options",
    [
        ("--strength", "0.05"),
        ("--penalty", "elasticnet", "--l1-ratio", "0.3"),
        ("--penalty", "l2", "--cv", "3"),
    ],
)
def test_a_regression_is_the_certified_optimum(fitted, csv, tmp_path, options):
    told = fitted(csv, *options, "--out", tmp_path / "model")
    header, coef, intercept = stored(tmp_path / "model")
    rows = dense(n=60, p=8)
    l1_ratio = {"l1": 1.0, "l2": 0.0, "elasticnet": 0.3}[told["penalty"]]
    certificate = fastreg.certify(
        rows.X,
        rows.y,
        coef,
        intercept,
        loss=Squared(),
        penalty=fastreg.penalties.ElasticNet(told["strength"], l1_ratio),
        standardize=True,
    )
    assert certificate.gap <= told["tol"]
    np.testing.assert_allclose(certificate.primal, told["objective"], rtol=1e-12)
    assert header["feature_names"] == [f"c{j}" for j in range(8)]
    assert {
        key: header[key] for key in ("task", "loss", "strength", "classes", "standardize", "version")
    } == {
        "task": "regression",
        "loss": "squared",
        "strength": told["strength"],
        "classes": None,
        "standardize": True,
        "version": 1,
    }


def test_two_classes_are_learnt_from_a_sparse_file(fitted, svmlight, tmp_path):
    told = fitted(svmlight, "--strength", "0.02", "--out", tmp_path / "model")
    header, coef, intercept = stored(tmp_path / "model")
    rows = sparse(n=60, p=15)
    certificate = fastreg.certify(rows.X, rows.labels, coef, intercept, loss=Logistic(), penalty=L1(0.02))
    assert certificate.gap <= told["tol"]
    assert (told["task"], told["classes"], told["standardize"]) == ("classification", [-1.0, 1.0], False)
    assert header["feature_names"] == {"prefix": "", "first": 1, "count": 15}
    assert told["non_zeros"] == rows.X.nnz
    assert told["non_zero_weights"] == np.count_nonzero(coef)
    assert [entry["name"] for entry in told["largest_weights"]] == [
        str(j + 1) for j in np.argsort(-np.abs(coef))[: min(10, np.count_nonzero(coef))]
    ]


def test_the_score_is_that_of_rows_no_fit_has_seen(fitted, csv, svmlight):
    told = fitted(csv, "--strength", "0.05")
    rows = dense(n=60, p=8)
    X, y, X_rest, y_rest = train_and_rest(Target("regression", "", rows.y, None), rows.X)
    fit = fastreg.solve(X, y, loss=Squared(), penalty=L1(0.05), standardize=True)
    np.testing.assert_allclose(
        told["score"]["held_out"], r2_score(y_rest, X_rest @ fit.coef + fit.intercept), rtol=1e-9
    )
    constant = np.full(len(y_rest), y.mean())
    np.testing.assert_allclose(told["score"]["constant_model"], r2_score(y_rest, constant))
    assert (told["rows_train"], told["rows_held_out"]) == (45, 15) == (len(y), len(y_rest))

    told = fitted(svmlight, "--strength", "0.02")
    rows = sparse(n=60, p=15)
    X, y, X_rest, y_rest = train_and_rest(Target("", "", rows.labels, [-1, 1]), rows.X.tocsr())
    fit = fastreg.solve(X, y, loss=Logistic(), penalty=L1(0.02))
    assert told["score"]["held_out"] == accuracy_score(y_rest, np.sign(X_rest @ fit.coef + fit.intercept))
    assert told["score"]["constant_model"] == np.mean(y_rest == np.sign(y.mean()))


def test_text_classes_and_the_reason_are_told(fitted, run, tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_text(
        "size,age,kind\n" + "".join(f"{j % 7},{j},{'yes' if j % 7 > 3 else 'no'}\n" for j in range(40))
    )
    told = fitted(path)
    assert (told["task"], told["classes"], told["task_reason"]) == (
        "classification",
        ["no", "yes"],
        "two classes",
    )
    assert told["largest_weights"][0]["name"] == "size"
    assert told["largest_weights"][0]["weight"] > 0
    assert "positive weights speak for yes" in run("fit", path)[1]


def test_two_numbers_can_be_regressed(fitted, svmlight, csv):
    told = fitted(svmlight, "--task", "regression", "--strength", "0.01")
    assert (told["loss"], told["task_reason"]) == ("squared", "as asked")
    assert fitted(csv, "--strength", "0.01")["task_reason"] == "60 distinct values"


def test_names_of_any_kind_keep_the_table_in_shape(run, tmp_path):
    path = tmp_path / "names.csv"
    rows = dense(n=40, p=3)
    names = [
        "a very long name that says everything there is to be said about a column",
        "日本語の列" * 8,
        "bell\x07",
    ]
    lines = [
        ",".join([*names, "y"]),
        *(",".join(map(repr, map(float, row))) for row in np.c_[rows.X, rows.y]),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    status, out, _ = run("fit", path, "--strength", "0")
    assert status == 0
    assert max(report.columns_of(line) for line in out.splitlines()) <= 80
    assert out.count("…") == 2
    assert "bell?" in out


def test_a_penalty_that_leaves_nothing(run):
    status, out, _ = run("fit", "--strength", "1e6")
    assert status == 0
    assert "0 of 64 are not zero" in out
    assert "All weights are zero" in out


# the choice of lambda


class _Known(Model):
    """A model whose paths are known: at strength 2 it tells the truth."""

    def path(self, X, y, strengths=100, callback=None):
        strengths = np.array([4.0, 2.0, 1.0])
        found = sp.csc_array(np.array([[0.5, 1.0, 1.5]]))
        return fastreg.Path(strengths, found, np.zeros(3), None, None, None, None)


@pytest.mark.small
def test_the_strength_of_least_loss_is_chosen():
    X = np.arange(1.0, 21.0)[:, None]
    for factor, best, words in [
        (1.0, 2.0, "the least loss of 3 strengths in 5-fold cross-validation"),
        (0.4, 4.0, "the largest of them"),
        (2.0, 1.0, "the smallest of them (--strength goes further)"),
    ]:
        target = Target("regression", "", factor * X[:, 0], None)
        choice = choosing.choose(_Known(None, None, 1.0, False), target, X, 5, Activity())
        assert choice.strength == best
        assert choice.how.endswith(words)
        np.testing.assert_array_equal(choice.coef, {4.0: [0.5], 2.0: [1.0], 1.0: [1.5]}[best])


@pytest.mark.small
@pytest.mark.parametrize("count", [4, 5])
def test_parts_are_even_and_spread_each_class(count):
    labels = np.repeat([-1.0, 1.0], [33, 7])
    parts = Target("classification", "", labels, ["a", "b"]).parts(count)
    assert np.ptp(np.bincount(parts)) <= 1
    for label in (-1.0, 1.0):
        assert np.ptp(np.bincount(parts[labels == label], minlength=count)) <= 1
    plain = Target("regression", "", np.arange(40.0), None).parts(count)
    assert np.ptp(np.bincount(plain)) <= 1
    assert not np.array_equal(plain, np.arange(40) % count)


@pytest.mark.small
def test_losses_are_those_of_the_terms():
    y, predictions = np.array([1.0, -1.0]), np.array([[0.5, 100.0], [-2.0, 100.0]])
    squared, logistic = Target("", "", y, None), Target("", "", y, [0, 1])
    for target, loss in ((squared, Squared()), (logistic, Logistic())):
        expected = [sum(loss.value(y[i], predictions[i, k]) for i in range(2)) for k in range(2)]
        np.testing.assert_allclose(target.losses(y, predictions), expected, rtol=1e-12)


@pytest.mark.small
def test_scores():
    y = np.array([1.0, 2.0, 4.0, 1.0])
    regression, classification = Target("", "", y, None), Target("", "", np.sign(y - 1.5), [0, 1])
    assert regression.score(y, y) == 1.0
    np.testing.assert_allclose(regression.score(y, y[::-1]), r2_score(y, y[::-1]))
    assert regression.score(np.ones(3), np.arange(3)) is None
    assert classification.score(classification.y, np.array([-3.0, 0.1, -0.1, 0.0])) == 0.75


# bad input


def _bad(name, content, *options, words):
    return pytest.param(name, content, options, words, id=" ".join([name or "", *options])[:60] + words[0])


GOOD = "a,b,c\n" + "".join(f"{j},{j * j % 7},{j % 3}\n" for j in range(20))


@pytest.mark.small
@pytest.mark.parametrize(
    ("name", "content", "options", "words"),
    [
        _bad("a.csv", GOOD, "--target", "price", words=["'price'", "'a', 'b', 'c'"]),
        _bad("a.csv", GOOD, "--task", "classification", words=["'c'", "3 distinct", "exactly two"]),
        _bad("a.csv", GOOD.replace(",0\n", ",one\n").replace(",1\n", ",two\n").replace(",2\n", ",three\n"),
             words=["'c'", "3 distinct texts", "exactly two"]),
        _bad("a.csv", "a,b\n1,x\n2,y\n3,x\n4,y\n", "--task", "regression", words=["'b'", "text", "numbers"]),
        _bad("a.csv", "a,b\n1,2\n2,2\n3,2\n4,2\n", words=["'b'", "2.0", "every row"]),
        _bad("a.csv", GOOD + "1,2\n", words=["line 22", "2 columns"]),
        _bad("a.csv", GOOD + "1,nan,2\n", words=["line 22", "'b'"]),
        _bad("a.csv", GOOD + "red,1,2\n", words=["line 22", "'a'", "'red'"]),
        _bad("a.csv", "a,b\n1,2\n", words=["every row"]),
        _bad("a.csv", "a,b\n1,2\n2,3\n3,4\n4,5\n", words=["4 rows", "--cv", "--strength"]),
        _bad("a.csv", "a,b\n" + "1,2\n" * 30 + "1,3\n", words=["class 3.0", "1 rows", "at least 3"]),
        _bad("a.csv", "", words=["empty"]),
        _bad("a.svm", "1 1:2\n1 1:two\n", words=["line 2", "'1:two'"]),
        _bad("a.svm", "1 1:2\n2 1:1\n", "--target", "y", words=["svmlight", "'y'"]),
        _bad("a.svm.gz", b"\x1f\x8b\x08\x00damaged", words=["gzip", "damaged"]),
        _bad("a.npz", b"PK\x03\x04damaged", words=["a.npz", "damaged"]),
        _bad("a.csv", GOOD, "--out", "no/such/model", words=["'no/such/model'", "no directory"]),
        _bad("a.csv", GOOD, "--out", ".", words=["'.'", "directory"]),
        _bad("a.csv", GOOD, "--out", "a.csv", words=["'a.csv'", "data file itself"]),
        _bad("a.csv", None, words=["no file", "a.csv"]),
        _bad(".", None, words=["'.'", "is a directory"]),
        _bad(None, None, "--target", "y", words=["'y'", "FILE"]),
        _bad(None, None, "--penalty", "l3", words=["--penalty", "'l3'", "elasticnet"]),
        _bad(None, None, "--penlty", "l1", words=["'--penlty'", "--penalty"]),
        _bad(None, None, "--strength=-1", words=["--strength", "'-1'", "at least 0"]),
        _bad(None, None, "--strength", "nan", words=["--strength", "'nan'"]),
        _bad(None, None, "--strength", "much", words=["--strength", "'much'"]),
        _bad(None, None, "--cv", "1", words=["--cv", "'1'", "at least 2"]),
        _bad(None, None, "--cv", "5", "--strength", "1", words=["--strength", "--cv"]),
        _bad(None, None, "--l1-ratio", "0.5", words=["--l1-ratio", "elasticnet"]),
        _bad(None, None, "--penalty", "elasticnet", "--l1-ratio", "2", words=["--l1-ratio", "'2'", "0 to 1"]),
        _bad("a.csv", GOOD, "b.csv", words=["'b.csv'"]),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(run, tmp_path, monkeypatch, name, content, options, words):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    status, out, err = run("fit", *[name] * (name is not None), *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("fastreg")
    assert [word for word in words if word not in err] == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.small
def test_unknown_commands(run):
    status, out, err = run("fitt")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "'fitt'" in err
    assert run("--strength")[0] == 2


@pytest.mark.small
def test_no_permission_to_write(run, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    status, out, err = run("fit", "--out", folder / "model")
    assert (status, out) == (2, "")
    assert "Permission denied" in err


@pytest.mark.small
def test_what_the_system_says_is_a_sentence(run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fitting, "_fitted", full)
    assert run("fit") == (2, "", "fastreg: the output: No space left on device.\n")


@pytest.mark.small
def test_what_is_no_bad_input_keeps_its_traceback(run, monkeypatch):
    monkeypatch.setattr(fitting, "_fitted", lambda *_: {}["a bug"])
    with pytest.raises(KeyError, match="a bug"):
        run("fit")


# warnings, Ctrl-C, pipes


def test_a_fit_that_does_not_converge_is_one_line(run, csv, monkeypatch):
    solve = fastreg.solve
    monkeypatch.setattr(fastreg, "solve", lambda *args, **settings: solve(*args, **settings, max_iter=0))
    status, out, err = run("fit", csv, "--strength", "0.001")
    assert (status, err.count("\n")) == (0, 1)
    assert err.startswith("fastreg: ")
    assert "gap" in err
    assert "Warning" not in err
    assert "outer rounds" in out


@pytest.mark.small
def test_warnings_of_a_kind_are_counted():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for gap in (3, 2, 1):
            warnings.warn(f"gap\n{gap}", fastreg.ConvergenceWarning, stacklevel=1)
    assert list(fitting._told(caught)) == ["gap 3 (2 more like it.)"]


@pytest.mark.small
def test_ctrl_c_is_one_line_and_writes_nothing(run, csv, tmp_path, monkeypatch):
    solution = fastreg.Solution(np.zeros(8), 0.0, 1.0, 0.125, None, None, 3)
    for pressed, words in [
        (KeyboardInterrupt(), ""),
        (fastreg.Interrupted(solution), "gap had reached 1.2e-01"),
    ]:

        def interrupted(*_, pressed=pressed):
            raise pressed

        monkeypatch.setattr(fitting, "_warm_up", interrupted)
        status, out, err = run("fit", csv, "--out", tmp_path / "model")
        assert (status, out, err.count("\n")) == (130, "", 1)
        assert "while compiling" in err
        assert "nothing was written" in err
        assert words in err
        assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("argv", [["--version"], ["fit", "--strength", "3"]])
def test_a_reader_that_goes_away(argv):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fastreg", *argv]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.small
def test_help_is_quick_to_load_and_fits_a_terminal():
    code = (
        "import sys; from fastreg.cli import main; status = main(['fit', '--help']); "
        "heavy = {'numpy', 'numba', 'scipy', 'sklearn'} & set(sys.modules); "
        "print(*sorted(heavy), file=sys.stderr); sys.exit(status)"
    )
    environment = os.environ | {"COLUMNS": "80"}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert (ended.returncode, ended.stderr.strip()) == (0, "")
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert "--strength" in ended.stdout


@pytest.mark.small
def test_version(run):
    assert run("--version") == (0, f"fastreg {fastreg.__version__}\n", "")


@pytest.mark.small
def test_without_a_command_there_is_help(run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert "doctor" in out


# the line of progress


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def _wait_for(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


@pytest.mark.small
def test_progress_is_drawn_on_a_terminal_and_wiped():
    terminal = _Terminal()
    with Activity(terminal, delay=0.0) as activity:
        activity.now("choosing lambda", 0.5)
        _wait_for(lambda: "choosing lambda" in terminal.getvalue())
    lines = terminal.getvalue().split("\r")
    assert "[############............]  50%  choosing lambda  0 s" in lines
    assert lines[-1] == ""
    assert lines[-2].strip() == ""
    assert len(lines[-2]) >= len(lines[-3].rstrip())
    assert max(map(len, lines)) < 80


@pytest.mark.small
def test_short_work_and_pipes_see_no_progress():
    for stream, delay in ((_Terminal(), 60.0), (io.StringIO(), 0.0)):
        with Activity(stream, delay) as activity:
            activity.now("fitting")
        assert stream.getvalue() == ""


@pytest.mark.small
def test_progress_goes_from_nothing_to_all():
    activity = Activity(io.StringIO())
    counter = choosing._Counter(activity, 2)
    seen = []
    for _ in range(2):
        counter.next_path()
        for _ in range(100):
            for n_iter in (0, 1):
                counter(argparse.Namespace(n_iter=n_iter))
                seen.append(activity.fraction)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 0.995)
    assert activity.stage == "choosing lambda, fold 1 of 1"


# doctor


def test_doctor(run):
    status, out, err = run("doctor", "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["versions"]["numpy"] == np.__version__
    assert told["threads"]["count"] == fastreg.get_num_threads()
    assert told["cache"]["path"] == fastreg.jit.cache_info().path
    assert told["trial"]["status"] == str(fastreg.Status.CONVERGED)
    status, out, _ = run("doctor")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    # The second fit of this process finds all of its code in memory.
    assert "0 kernels loaded from the cache, 0 compiled" in " ".join(out.split())


@pytest.mark.small
def test_doctor_names_where_the_threads_come_from(run, monkeypatch):
    monkeypatch.setenv("FASTREG_NUM_THREADS", "3")
    monkeypatch.setattr(
        diagnosis, "_trial", lambda: dict.fromkeys(("hits", "misses"), 0) | {"seconds": 0.0, "status": ""}
    )
    assert "3, from FASTREG_NUM_THREADS" in run("doctor")[1]


@pytest.mark.small
@pytest.mark.parametrize(
    ("misses", "path", "writable", "words"),
    [
        (0, None, False, "will compile nothing"),
        (5, "/cache", True, "is kept"),
        (5, "/cache", False, "FASTREG_CACHE_DIR"),
        (5, None, False, "compile it again"),
    ],
)
def test_doctor_tells_what_a_second_process_will_do(monkeypatch, misses, path, writable, words):
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    cache = fastreg.jit.CacheInfo(path, writable, 0, misses, 0)
    assert words in diagnosis._expected(misses, cache)
