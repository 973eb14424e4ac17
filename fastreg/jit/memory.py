"""Arrays at an address, and the processor's floating-point flags, each with a plain Python twin."""

import ctypes
import platform
import sys

import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array, populate_array


class _Memory:
    """What NumPy needs to know to see numbers at an address."""

    def __init__(self, address, length, step, number):
        kind = np.dtype(number)
        self.__array_interface__ = {
            "version": 3,
            "data": (address, False),
            "shape": (length,),
            "strides": (step,),
            "typestr": kind.str,
        }


def strided(address, length, step, number):
    """Return the vector of so many numbers at an address, one every ``step`` bytes (0: one for all)."""
    return np.asarray(_Memory(address, length, step, number))


def vector(address, length, number):
    """Return the contiguous vector of so many numbers at an address."""
    return strided(address, length, np.dtype(number).itemsize, number)


def _array_at(layout):
    @intrinsic
    def array_at(typing_context, address, length, step, number):
        kind = types.Array(number.instance_type, 1, layout)

        def generate(context, builder, signature, arguments):
            array = make_array(kind)(context, builder)
            data = builder.inttoptr(arguments[0], array.data.type)
            itemsize = context.get_abi_sizeof(context.get_data_type(kind.dtype))
            populate_array(
                array,
                data=data,
                shape=[arguments[1]],
                strides=[arguments[2]],
                itemsize=context.get_constant(types.intp, itemsize),
                meminfo=None,
            )
            return array._getvalue()

        return kind(types.intp, types.intp, types.intp, number), generate

    return array_at


_strided, _contiguous = _array_at("A"), _array_at("C")


@overload(strided)
def _(address, length, step, number):
    return lambda address, length, step, number: _strided(address, length, step, number)


@overload(vector)
def _(address, length, number):
    size = np.dtype(str(number.instance_type)).itemsize
    return lambda address, length, number: _contiguous(address, length, size, number)


def _errors():
    """Return the bits of C's fenv.h for all errors but an inexact result; 0 where they are not known."""
    if sys.platform == "win32":
        return 0x1E
    return {"x86_64": 0x1D, "AMD64": 0x1D, "arm64": 0x0F, "aarch64": 0x0F}.get(platform.machine(), 0)


_ERRORS = np.int32(_errors())


def _of_fenv(name):
    """Return a function of C's fenv.h, for compiled code and for plain Python; where there is none, 0."""
    try:
        function = getattr(ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None), name)
    except (OSError, AttributeError):

        def absent(errors):
            return 0

        overload(absent)(lambda errors: absent)
        return absent

    # By address: LLVM searches for names where the platform lets it, and ends the process over one it misses.
    binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)

    def call(errors):
        return function(int(errors))

    @intrinsic
    def compiled(typing_context, errors):
        def generate(context, builder, signature, arguments):
            word = ir.IntType(32)
            kind = ir.FunctionType(word, [word])
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

        return types.int32(types.int32), generate

    overload(call)(lambda errors: lambda errors: compiled(errors))
    return call


_test, _clear = _of_fenv("fetestexcept"), _of_fenv("feclearexcept")


def raised_errors():
    """Return the floating-point errors that the processor remembers."""
    return _test(_ERRORS)


def forget_errors(before):
    """Make the processor forget the floating-point errors since `raised_errors` returned ``before``.

    To compare with NaN is an error to the processor, and NumPy would warn of it.
    """
    new = _test(_ERRORS) & ~before
    if new != 0:
        _clear(new)


overload(raised_errors)(lambda: raised_errors)
overload(forget_errors)(lambda before: forget_errors)
