"""Files that are packed, piped, cut off or not there."""

import bz2
import gzip
import lzma
import os
import threading

import numpy as np
import pytest

from fastreg.data import read

pytestmark = pytest.mark.small


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


CARS = "weight,power,price\n1,2,3\n4,5,6.5\n7,8,-9e1\n"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_that_was_cut_off(file, pack):
    packed = pack(CARS.encode() * 300)
    with pytest.raises(ValueError, match=r"damaged or cut off.*fetch it again"):
        read(file(packed[: len(packed) // 2]))


def test_a_packed_file_with_a_wrong_checksum(file):
    packed = bytearray(gzip.compress(b"1 1:2\n" * 20))
    packed[-6] ^= 1
    with pytest.raises(ValueError, match="damaged or cut off"):
        read(file(bytes(packed)))


@needs_pipes
def test_a_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(CARS))
    writer.start()
    table = read(pipe)
    writer.join()
    np.testing.assert_array_equal(table.y, [3, 6.5, -90])


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file '.*nowhere\.csv'"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(IsADirectoryError, match="is a directory"):
        read(tmp_path)


def test_no_permission_to_read(file):
    path = file(CARS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionError, match="No permission"):
        read(path)
