"""fastreg for PyTorch: proximal steps on tensors of the CPU, without a copy, and in any optimiser.

The one module that imports torch.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fastreg import kernels
from fastreg.jit import checked, kind_of_penalty

__all__ = ["ProximalHook", "prox", "prox_", "prox_elastic_net", "soft_threshold", "value"]

_DTYPES = {torch.float32: np.float32, torch.float64: np.float64}


@torch.compiler.disable
def prox(penalty: tuple, tensor: Tensor, step: float, out: Tensor | None = None) -> Tensor:
    r"""Return the proximal step of a tensor, taken as one flat vector of weights.

    .. math:: \arg\min_u \frac{|u - tensor|^2}{2\, step} + penalty(u)

    Parameters
    ----------
    penalty : NamedTuple
        A penalty, fastreg's or your own. Its arrays have one number per weight, in the order of
        ``tensor.flatten()``: groups of n_in neighbours are the rows of a weight of (n_out, n_in).
    tensor : Tensor of any shape
        On the CPU, float32 or float64. Read in place where it is contiguous.
    step : float
        Above 0.
    out : Tensor like tensor, or None
        Where to write; may be the tensor itself.

    Returns
    -------
    Tensor
        It passes no gradients on: for those take `soft_threshold` or `prox_elastic_net`.

    Raises
    ------
    ValueError, TypeError
        For a tensor that is elsewhere, of another type or records gradients, and as `fastreg.kernels.prox`.

    Examples
    --------
    >>> import torch
    >>> from fastreg.interop.torch import prox
    >>> from fastreg.penalties import L1
    >>> prox(L1(1.0), torch.tensor([[3.0, -0.25], [0.5, -2.0]]), 0.5)
    tensor([[ 2.5000,  0.0000],
            [ 0.0000, -1.5000]])
    """
    _refuse(tensor, "tensor")
    if tensor.requires_grad and torch.is_grad_enabled():
        raise ValueError(
            "tensor records gradients, and prox passes none on: call it under torch.no_grad(), or take "
            "soft_threshold or prox_elastic_net."
        )
    if out is None:
        out = torch.empty_like(tensor, memory_format=torch.contiguous_format)
    elif out.shape != tensor.shape or out.dtype != tensor.dtype:
        raise ValueError(
            f"out must be a tensor of {tensor.dtype} and shape {tuple(tensor.shape)}, as tensor is."
        )
    _refuse(out, "out")
    target = out if out.is_contiguous() else torch.empty_like(out, memory_format=torch.contiguous_format)
    kernels.prox(penalty, _flat(tensor), step, out=_flat(target))
    if target is not out:
        out.detach().copy_(target)
    if not out.is_inference():
        torch.autograd.graph.increment_version(out)
    return out


def prox_(penalty: tuple, tensor: Tensor, step: float) -> Tensor:
    """Replace a tensor by its proximal step, in place, parameters of a model too; return it.

    Parameters
    ----------
    penalty, tensor, step : see `prox`

    Returns
    -------
    Tensor
        The same.
    """
    with torch.no_grad():
        return prox(penalty, tensor, step, out=tensor)


def value(penalty: tuple, tensor: Tensor) -> float:
    """Return the penalty of a tensor, taken as one flat vector of weights.

    Parameters
    ----------
    penalty, tensor : see `prox`

    Returns
    -------
    float
    """
    _refuse(tensor, "tensor")
    return kernels.value(penalty, _flat(tensor))


def soft_threshold(tensor: Tensor, threshold: float) -> Tensor:
    r"""Return the sign of each number times what its absolute value exceeds the threshold by.

    .. math:: \mathrm{sign}(x) \max(|x| - threshold, 0)

    It passes gradients on to the tensor, and compiles with `torch.compile`.

    Parameters
    ----------
    tensor : Tensor of any shape
        On the CPU, float32 or float64.
    threshold : float
        At least 0.

    Returns
    -------
    Tensor
        A new one.

    Examples
    --------
    >>> import torch
    >>> from fastreg.interop.torch import soft_threshold
    >>> x = torch.tensor([3.0, -0.5], requires_grad=True)
    >>> soft_threshold(x, 1.0).sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """
    return prox_elastic_net(tensor, threshold, 0.0)


def prox_elastic_net(tensor: Tensor, l1: float, l2: float) -> Tensor:
    r"""Return the proximal step of length 1 of an elastic net.

    .. math:: \arg\min_u \frac{|u - tensor|^2}{2} + l1 |u|_1 + \frac{l2}{2} |u|^2

    It passes gradients on to the tensor, and compiles with `torch.compile`.

    Parameters
    ----------
    tensor : Tensor of any shape
        On the CPU, float32 or float64.
    l1, l2 : float
        At least 0.

    Returns
    -------
    Tensor
        A new one.
    """
    _refuse(tensor, "tensor")
    for name, amount in (("l1", l1), ("l2", l2)):
        if not 0 <= amount < float("inf"):
            raise ValueError(f"{name}={amount!r} is out of range: pass a finite number of at least 0.")
    return _prox_elastic_net(tensor, float(l1), float(l2))


@torch.library.custom_op("fastreg::prox_elastic_net", mutates_args=())
def _prox_elastic_net(tensor: Tensor, l1: float, l2: float) -> Tensor:
    out = torch.empty_like(tensor, memory_format=torch.contiguous_format)
    flat, dtype = _flat(tensor), _DTYPES[tensor.dtype]
    kernels.prox_elastic_net(flat, dtype(l1), dtype(l2), out=_flat(out))
    return out


@_prox_elastic_net.register_fake
def _(tensor, l1, l2):
    return torch.empty_like(tensor, memory_format=torch.contiguous_format)


def _remember(ctx, inputs, output):
    _, _, ctx.l2 = inputs
    ctx.save_for_backward(output)


def _backward(ctx, gradient):
    (output,) = ctx.saved_tensors
    return torch.where(output == 0, 0.0, gradient / (1.0 + ctx.l2)), None, None


_prox_elastic_net.register_autograd(_backward, setup_context=_remember)


class ProximalHook:
    r"""Makes any optimiser proximal: after each of its steps parameters take the step of a penalty.

    .. math:: w \leftarrow \mathrm{prox}_{step \cdot penalty}(w) \, / \, (1 + step \cdot weight\_decay)

    which is the proximal step of penalty + weight_decay / 2 \|w\|^2 for L1, group norms and whatever else
    grows in proportion to w. Parameters become exactly 0, as no gradient step makes them. With
    `torch.optim.SGD` without momentum this is the proximal gradient method, whose resting points are the
    optima of mean loss plus penalty: those of `fastreg.solve`.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        It is registered with, until `remove`. Leave its own weight_decay at 0.
    penalties : NamedTuple, or sequence of one NamedTuple or None per parameter group
        A single one holds for all groups; None leaves a group alone. Each parameter is taken as a flat vector
        of its own, see `prox`; strengths as in `fastreg.solve`.
    weight_decay : float
        At least 0, of the groups that have a penalty. Decoupled: it shrinks weights and leaves gradients
        alone, as AdamW does, by 1 / (1 + a) where AdamW has 1 - a.
    step : function or None
        From a parameter group to its step; None: ``group["lr"]``. Optimisers that take longer steps than lr
        need one, or else the penalty counts for less: with momentum m, ``group["lr"] / (1 - m)``.

    Raises
    ------
    ValueError, TypeError
        For parameters that are not on the CPU or hold something else than float32 and float64, and for
        penalties that do not fit them or are not as many as the groups.

    Notes
    -----
    Adam and its like give each weight a step of its own; the proximal step takes the same for all, as
    AdamW does for its decay. Weights become sparse, and where they rest depends on the steps.

    A parameter without a gradient took no step, and takes no proximal one.

    References
    ----------
    Beck, Teboulle 2009 (the proximal gradient method); Loshchilov, Hutter 2019 (decoupled weight decay).

    Examples
    --------
    >>> import torch
    >>> from fastreg.interop.torch import ProximalHook
    >>> from fastreg.penalties import L1
    >>> w = torch.nn.Parameter(torch.tensor([3.0, 0.1]))
    >>> optimizer = torch.optim.SGD([w], lr=0.5)
    >>> hook = ProximalHook(optimizer, L1(1.0))
    >>> (0.5 * w.square().sum()).backward()
    >>> optimizer.step()
    >>> w.data
    tensor([1., 0.])
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        penalties: tuple | Sequence[tuple | None],
        *,
        weight_decay: float = 0.0,
        step: Callable[[dict[str, Any]], float] | None = None,
    ):
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(
                f"weight_decay={weight_decay!r} is out of range: pass a finite number of at least 0."
            )
        self._single = hasattr(type(penalties), "_fields")
        self.penalties = penalties
        self.weight_decay = weight_decay
        self._step = step
        for group, penalty in self._pairs(optimizer):
            for parameter in group["params"]:
                _refuse(parameter, "a parameter")
                checked(penalty, kind_of_penalty(penalty), parameter.numel(), _DTYPES[parameter.dtype])
        self._handle = optimizer.register_step_post_hook(self._after)

    def remove(self) -> None:
        """Leave the optimiser as it was."""
        self._handle.remove()

    def _pairs(self, optimizer):
        """Return the groups that are penalised, each with its penalty."""
        groups = optimizer.param_groups
        penalties = [self.penalties] * len(groups) if self._single else self.penalties
        if len(penalties) != len(groups):
            raise ValueError(
                f"There are {len(penalties)} penalties for {len(groups)} parameter groups: pass one per "
                f"group, None for those that have none."
            )
        return [pair for pair in zip(groups, penalties, strict=True) if pair[1] is not None]

    @torch.compiler.disable
    @torch.no_grad()
    def _after(self, optimizer, arguments, keywords):
        """Take the proximal steps: what the optimiser calls."""
        for group, penalty in self._pairs(optimizer):
            step = float(group["lr"] if self._step is None else self._step(group))
            if step == 0:
                continue
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                prox_(penalty, parameter, step)
                if self.weight_decay:
                    parameter.div_(1.0 + step * self.weight_decay)


def _refuse(tensor, name):
    """Refuse what is no dense tensor of the CPU in float32 or float64."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} is a {type(tensor).__name__}: pass a tensor.")
    if tensor.device.type != "cpu":
        raise ValueError(
            f"{name} is on the device {str(tensor.device)!r}, and fastreg computes on the CPU: move it there "
            f"with .cpu()."
        )
    if tensor.dtype not in _DTYPES:
        raise TypeError(
            f"{name} holds {tensor.dtype}, and fastreg computes in float32 and float64: convert it with "
            f".float()."
        )
    if tensor.layout != torch.strided:
        raise TypeError(f"{name} has the layout {tensor.layout}: make it dense with .to_dense().")


def _flat(tensor):
    """Return the numbers of a tensor as a flat array, its own memory where it is contiguous."""
    return tensor.detach().reshape(-1).numpy()
