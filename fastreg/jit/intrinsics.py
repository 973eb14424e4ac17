"""The few machine operations Python has no word for, each with a plain Python twin."""

import struct

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload


def at(value, i):
    """Return ``value[i]`` of an array, or the number itself: one number stands for all."""
    return value[i] if isinstance(value, np.ndarray) else value


@overload(at, inline="always")
def _at(value, i):
    if isinstance(value, types.Array):
        return lambda value, i: value[i]
    return lambda value, i: value


def float_to_bits(x):
    """Return the 64 bits of a double as an int64."""
    return struct.unpack("<q", struct.pack("<d", x))[0]


def bits_to_float(bits):
    """Return the double whose 64 bits are those of an int64."""
    return struct.unpack("<d", struct.pack("<q", bits))[0]


def _reinterpreted(source, target):
    @intrinsic
    def reinterpret(typing_context, value):
        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], context.get_value_type(target))

        return target(source), generate

    return reinterpret


_float_to_bits = _reinterpreted(types.float64, types.int64)
_bits_to_float = _reinterpreted(types.int64, types.float64)


@overload(float_to_bits)
def _(x):
    return lambda x: _float_to_bits(x)


@overload(bits_to_float)
def _(bits):
    return lambda bits: _bits_to_float(bits)


@intrinsic
def _load_acquire(typing_context, words):
    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(cgutils.gep(builder, array.data, 0), "acquire", 8)

    return types.int64(words), generate


def stop_requested(abort):
    """Return whether the abort word ``abort[0]`` was set, by whichever thread.

    An ordinary load would be moved out of the loop that asks.
    """
    return abort[0] != 0


@overload(stop_requested)
def _stop_requested(abort):
    return lambda abort: _load_acquire(abort) != 0


def prefetch(array, i):
    """Ask for the cache line of ``array[i]``, i unsigned; it may lie behind the end of the array."""


@intrinsic
def _prefetch(typing_context, array, i):
    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address.type, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To be read, to be kept in all caches, data.
        builder.call(function, [address, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


@overload(prefetch)
def _(array, i):
    return lambda array, i: _prefetch(array, i)
