"""fastreg for PyTorch: steps on tensors, optimisers that end at the optimum, gradients, compilation."""

import contextlib
import doctest
import io
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

import fastreg
from fastreg import kernels
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, ElasticNet, GroupL2

torch = pytest.importorskip("torch", reason="torch is absent")

from fastreg.interop import torch as proximal  # noqa: E402

DTYPES = [torch.float32, torch.float64]
PAGE = (Path(__file__).parents[2] / "docs" / "torch.md").read_text("utf-8")
SCRIPTS = re.findall(r"^```py\n(.*?)^```\n\n```text\n(.*?)^```", PAGE, re.M | re.S)
# What numba and torch say of Python and of each other is not ours.
pytestmark = pytest.mark.filterwarnings("default")


def tensor(*shape, dtype=torch.float64, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape)).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "penalty", [L1(0.5), ElasticNet(0.5, 0.3), L1(np.linspace(0, 1, 12)), GroupL2(0.5, 4)], ids=repr
)
def test_prox_is_that_of_the_flat_vector(penalty, dtype):
    weight = tensor(3, 4, dtype=dtype)
    before = weight.clone()
    expected = kernels.prox(penalty, weight.numpy().ravel(), 0.5)
    found = proximal.prox(penalty, weight, 0.5)
    assert found.dtype == dtype
    assert found.numpy().ravel().tolist() == expected.tolist()
    assert torch.equal(weight, before)
    assert proximal.value(penalty, weight) == kernels.value(penalty, weight.numpy().ravel())
    for out in (torch.empty_like(weight), torch.empty(4, 3, dtype=dtype).T):
        assert proximal.prox(penalty, weight, 0.5, out=out) is out
        assert torch.equal(out, found)
    turned = weight.T.contiguous().T  # the same weights, in another order of memory
    for place in (turned, weight):
        assert proximal.prox_(penalty, place, 0.5) is place
        assert torch.equal(place, found)


def test_nothing_is_copied():
    weight = tensor(1000)
    address = weight.data_ptr()
    proximal.prox_(L1(0.5), weight, 1.0)
    assert weight.data_ptr() == address
    parameter = torch.nn.Parameter(tensor(10))
    version = parameter._version
    proximal.prox_(L1(0.5), parameter, 1.0)
    assert parameter._version > version  # autograd knows that saved values are gone


@pytest.mark.parametrize(
    ("bad", "kind", "sentence"),
    [
        (torch.zeros(3, device="meta"), ValueError, "on the device 'meta', and fastreg computes on the CPU"),
        (torch.zeros(3, dtype=torch.bfloat16), TypeError, "torch.bfloat16, and fastreg computes in float32"),
        (torch.zeros(3, dtype=torch.int64), TypeError, "torch.int64"),
        (torch.eye(3).to_sparse(), TypeError, "torch.sparse_coo: make it dense"),
        (np.zeros(3), TypeError, "is a ndarray: pass a tensor"),
    ],
    ids=lambda case: str(getattr(case, "dtype", "")),
)
def test_what_it_does_not_take(bad, kind, sentence):
    calls = [
        lambda: proximal.prox(L1(1.0), bad, 1.0),
        lambda: proximal.prox_(L1(1.0), bad, 1.0),
        lambda: proximal.value(L1(1.0), bad),
        lambda: proximal.soft_threshold(bad, 1.0),
    ]
    if isinstance(bad, torch.Tensor) and bad.dtype.is_floating_point and not bad.is_sparse:
        calls.append(lambda: proximal.ProximalHook(torch.optim.SGD([bad], lr=1.0), L1(1.0)))
    for call in calls:
        with pytest.raises(kind, match=sentence) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_what_does_not_fit():
    weight = torch.nn.Parameter(tensor(4))
    with pytest.raises(ValueError, match="passes none on"):
        proximal.prox(L1(1.0), weight, 1.0)
    with pytest.raises(ValueError, match="out must be"):
        proximal.prox(L1(1.0), weight.detach(), 1.0, out=torch.empty(3))
    with pytest.raises(ValueError, match="l1=-1"):
        proximal.soft_threshold(weight, -1.0)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    with pytest.raises(ValueError, match="2 penalties for 1 parameter groups"):
        proximal.ProximalHook(optimizer, [L1(1.0), None])
    with pytest.raises(ValueError, match="divide"):
        proximal.ProximalHook(optimizer, GroupL2(1.0, 3))
    with pytest.raises(ValueError, match="weight_decay"):
        proximal.ProximalHook(optimizer, L1(1.0), weight_decay=-0.1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_operator_is_one_that_torch_understands(dtype):
    for requires_grad in (False, True):
        x = tensor(5, 3, dtype=dtype).requires_grad_(requires_grad)
        for each in (x, x.T):
            torch.library.opcheck(torch.ops.fastreg.prox_elastic_net.default, (each, 0.3, 0.2))
    x = tensor(5, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: proximal.prox_elastic_net(x, 0.3, 0.2), x)
    assert torch.autograd.gradgradcheck(lambda x: proximal.prox_elastic_net(x, 0.3, 0.2).square(), x)


def test_compiled_graphs_hold_the_operator():
    def loss(x):
        return proximal.soft_threshold(2 * x, 0.5).square().sum()

    x = tensor(6, 2).requires_grad_()
    plain = torch.autograd.grad(loss(x), x)[0]
    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    assert torch.equal(compiled(x), loss(x))
    assert torch.equal(torch.autograd.grad(compiled(x), x)[0], plain)
    step = torch.compile(lambda x: proximal.prox_(L1(0.5), x + 1.0, 1.0) * 2.0, backend="eager")
    assert torch.equal(step(x.detach()), proximal.prox(L1(0.5), x.detach() + 1.0, 1.0) * 2.0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Keep torch from sharing loops of microseconds among threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def descended(X, y, loss, penalty, *, rate=0.2, steps=600, momentum=0.0, **options):
    """Fit by a torch optimiser; return weights and intercept."""
    model = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(model.weight)
    groups = [{"params": [model.weight]}, {"params": [model.bias]}]
    optimizer = torch.optim.SGD(groups, lr=rate * (1 - momentum), momentum=momentum)
    hook = proximal.ProximalHook(optimizer, [penalty, None], **options)
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(inputs).squeeze(1), targets).backward()
        optimizer.step()
    hook.remove()
    return model.weight.detach().numpy().ravel(), model.bias.item()


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X / X.std(axis=0), (y - y.mean()) / y.std()


def half_square(prediction, target):
    return (prediction - target).square().mean() / 2


def effective(group):
    return group["lr"] / (1 - group["momentum"])


@pytest.mark.parametrize(
    ("penalty", "options", "same"),
    [
        (L1(0.1), {}, L1(0.1)),
        (ElasticNet(0.2, 0.5), {}, ElasticNet(0.2, 0.5)),
        (L1(0.1), {"weight_decay": 0.2}, ElasticNet(0.2, 0.5)),
        (L1(0.1), {"momentum": 0.5, "step": effective}, L1(0.1)),
        (L1(0.1), {"momentum": 0.5}, L1(0.05)),
        (GroupL2(0.1, 2), {}, GroupL2(0.1, 2)),
    ],
    ids=["L1", "ElasticNet", "weight decay", "momentum", "momentum with short steps", "groups"],
)
def test_optimisers_end_at_the_optimum_of_loss_plus_penalty(penalty, options, same):
    coef, intercept = descended(*diabetes(), half_square, penalty, **options)
    exact = fastreg.solve(*diabetes(), loss=Squared(), penalty=same, tol=1e-12)
    assert np.abs(coef - exact.coef).max() < 1e-4
    assert abs(intercept - exact.intercept) < 1e-4
    assert np.array_equal(coef == 0, exact.coef == 0)
    assert (exact.coef == 0).any()


def test_two_classes():
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    coef, intercept = descended(X, y.astype(float), loss, L1(0.05), rate=0.3, steps=1200, weight_decay=0.04)
    exact = fastreg.solve(X, 2.0 * y - 1, loss=Logistic(), penalty=ElasticNet(0.07, 5 / 7), tol=1e-12)
    assert np.abs(coef - exact.coef).max() < 1e-4
    assert abs(intercept - exact.intercept) < 1e-4
    assert 10 < np.count_nonzero(coef == 0) == np.count_nonzero(exact.coef == 0)


def test_any_optimiser_becomes_sparse_and_stops_when_told():
    for kind in (torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad):
        weight = torch.nn.Parameter(tensor(20, dtype=torch.float32))
        other = torch.nn.Parameter(torch.ones(3))  # has no gradient, so takes no step
        optimizer = kind([weight, other], lr=0.05)
        hook = proximal.ProximalHook(optimizer, L1(2.0))
        scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5)
        for _ in range(60):
            optimizer.zero_grad()
            (weight - 0.01).square().sum().backward()
            optimizer.step()
            scheduler.step()
        assert (weight == 0).any()
        assert torch.equal(other.data, torch.ones(3))
        hook.remove()
        optimizer.zero_grad()
        (weight - 5.0).square().sum().backward()
        optimizer.step()
        assert (weight != 0).all()


def test_strengths_and_groups_may_change_on_the_way():
    first, second = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([first], lr=0.0)
    proximal.ProximalHook(optimizer, L2(0.5))
    optimizer.add_param_group({"params": [second], "lr": 1.0})
    (first.sum() * 0 + second.sum() * 0).backward()
    optimizer.step()
    assert first.tolist() == [1.0, 1.0]  # a step of length 0
    assert second.tolist() == [0.5, 0.5]
    listed = torch.optim.SGD([first], lr=1.0)
    proximal.ProximalHook(listed, [L2(0.5)])
    listed.add_param_group({"params": [second]})
    with pytest.raises(ValueError, match="1 penalties for 2 parameter groups"):
        listed.step()


@pytest.mark.parametrize(("source", "output"), SCRIPTS, ids=["loop", "steps"])
def test_the_page_prints_what_it_says(source, output):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "torch.md", "exec"), {"__name__": "__main__"})
    said = doctest.OutputChecker().check_output(output, printed.getvalue(), doctest.ELLIPSIS)
    assert said, printed.getvalue()


def test_examples_of_the_docstrings():
    assert doctest.testmod(proximal, optionflags=doctest.ELLIPSIS).failed == 0
