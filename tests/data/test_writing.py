"""Files are written whole or not at all."""

import os
import stat

import pytest

from fastreg.data import write_whole

pytestmark = pytest.mark.small


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "model"

    def fails(file):
        file.write(b"half of it")
        raise RuntimeError("stop")

    for content in (None, b"what was there"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RuntimeError, match="stop"):
            write_whole(path, fails)
        assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else ["model"])
    assert path.read_bytes() == b"what was there"
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"


def test_written_files_keep_their_permissions_and_links(tmp_path):
    path, link, plain = tmp_path / "model", tmp_path / "link", tmp_path / "plain"
    plain.write_bytes(b"")
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, lambda file: file.write(b"new"))
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    write_whole(tmp_path / "fresh", lambda file: file.write(b"new"))
    assert (tmp_path / "fresh").stat().st_mode == plain.stat().st_mode


@needs_pipes
def test_where_nothing_can_be_written(tmp_path):
    device = tmp_path / "pipe"
    os.mkfifo(device)
    for place, words in [
        (tmp_path / "no" / "model", "no directory"),
        (tmp_path, "is a directory"),
        (device, "a device or a pipe"),
    ]:
        with pytest.raises(OSError, match=rf"Cannot write '.*'.*{words}"):
            write_whole(place, lambda file: file.write(b"x"))
    assert stat.S_ISFIFO(device.stat().st_mode)
