"""Valgrind's client requests, asked from Python: when to count, and where to write a count down.

A request is a sequence of instructions that does nothing on a processor and is recognised by Valgrind
(valgrind.h, "client requests"); rax holds the address of six words, the first of which says what is asked.
It counts from one instruction to another; `callgrind_control` would switch the counting on some time later.
"""

import ctypes
import mmap

_INSTRUCTIONS = bytes.fromhex(
    "4889f8"  # mov rax, rdi: the address of the words
    "31d2"  # xor edx, edx: the answer, where nobody answers
    "48c1c703 48c1c70d 48c1c73d 48c1c733 4887db"  # rol rdi by 3, 13, 61, 51: 128 in all; xchg rbx, rbx
    "4889d0"  # mov rax, rdx
    "c3"  # ret
)
_CALLGRIND = (ord("C") << 24) | (ord("T") << 16)
_ZERO, _DUMP, _START, _STOP = _CALLGRIND + 1, _CALLGRIND + 3, _CALLGRIND + 4, _CALLGRIND + 5


class Counting:
    """Asks callgrind, where the process runs under it, to count single calls."""

    def __init__(self):
        self._page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._page.write(_INSTRUCTIONS)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._page))
        self._ask = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(address)
        self._words = (ctypes.c_uint64 * 6)()

    def _request(self, code, argument=0):
        self._words[0], self._words[1] = code, argument
        self._ask(ctypes.addressof(self._words))

    def count(self, label, work, argument):
        """Call ``work(argument)``; its instructions are written to a file of their own, with the label."""
        text = ctypes.create_string_buffer(label.encode())
        self._request(_START)
        self._request(_ZERO)
        work(argument)
        self._request(_DUMP, ctypes.addressof(text))
        self._request(_STOP)
