"""A save that fails or is killed leaves the last good file."""

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import simclf
from simclf.persistence import _atomic
from simclf.persistence._atomic import write_atomically
from tests.persistence.cases import S, assert_same, fitted

CLF = fitted(similarity=S)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_a_file_is_replaced_and_nothing_else_is_left(path: Path) -> None:
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_has_the_permissions_of_any_other(path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(path, b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o444, 0o600, 0o664])
def test_a_file_that_is_replaced_keeps_its_permissions(mode: int, path: Path) -> None:
    path.write_bytes(b"old")
    path.chmod(mode)
    before = os.umask(0o022)
    try:
        write_atomically(path, b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_nobody_reads_a_draft_who_may_not_read_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(number: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(number).st_mode))

    modes: list[int] = []
    path.write_bytes(b"old")
    path.chmod(0o600)
    monkeypatch.setattr(_atomic.os, "fsync", look)
    write_atomically(path, b"new")
    assert modes[0] == 0o600


def test_a_link_is_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(
    step: str, error: BaseException, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        assert path.read_bytes() == b"old"
        raise error

    path.write_bytes(b"old")
    monkeypatch.setattr(_atomic.os if step == "fsync" else Path, step, fail)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_the_bytes_are_on_the_disk_before_the_name_is_theirs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def note(number: int) -> None:
        seen.append(stat.S_ISDIR(os.fstat(number).st_mode))
        assert path.exists() == seen[-1]

    monkeypatch.setattr(_atomic.os, "fsync", note)
    write_atomically(path, b"new")
    assert seen == [False, True]


def test_a_full_disk_leaves_the_last_good_model(path: Path) -> None:
    CLF.save(path)
    before = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            CLF.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


ENDLESS = """
import itertools, runpy, sys
from pathlib import Path
write_atomically = runpy.run_path(sys.argv[2])["write_atomically"]
print("ready", flush=True)
for number in itertools.count():
    write_atomically(Path(sys.argv[1]), bytes([number % 256]) * 300_000)
"""


def test_a_kill_in_the_middle_leaves_a_whole_file(path: Path) -> None:
    write_atomically(path, b"old")
    for delay in (0.0, 0.001, 0.003, 0.007, 0.011, 0.013, 0.02, 0.03):
        command = [sys.executable, "-c", ENDLESS, str(path), _atomic.__file__]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            threading.Event().wait(delay)
            process.kill()
        data = path.read_bytes()
        assert data == b"old" or (len(data) == 300_000 and len(set(data)) == 1)


def test_two_that_save_at_once_leave_one_whole_model(path: Path) -> None:
    threads = [threading.Thread(target=CLF.save, args=(path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_same(CLF, simclf.load(path))
    assert list(path.parent.iterdir()) == [path]


def test_a_refused_save_leaves_the_last_good_model(path: Path) -> None:
    CLF.save(path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match="callbacks"):
        fitted().set_params(callbacks=[print]).save(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", [".pkl", ".PICKLE", ".joblib", ".pt", ".pth"])
def test_the_suffix_of_a_pickle_is_refused(suffix: str, tmp_path: Path) -> None:
    sentence = f"path 'model{suffix}' has the suffix of .* name it 'model.safetensors'"
    with pytest.raises(ValueError, match=sentence):
        CLF.save(tmp_path / f"model{suffix}")


def test_paths_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^path 'a\\x00b' has a null character, wh"):
        CLF.save("a\0b")
    with pytest.raises(ValueError, match="is a folder; name a file in it"):
        CLF.save(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*none' to save"):
        CLF.save(tmp_path / "none" / "model")
    with pytest.raises(TypeError, match="path is a NoneType; it must be a string"):
        CLF.save(None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    sentence = (
        r"^path '.*{}' is no regular file, and save replaces what is there; name a "
        r"file, there or not yet\.$"
    )
    for path in (pipe, link):
        with pytest.raises(ValueError, match=sentence.format(path.name)):
            CLF.save(path)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_a_path_may_be_text_and_have_any_other_suffix(tmp_path: Path) -> None:
    CLF.save(f"{tmp_path}/model.simclf")
    assert_same(CLF, simclf.load(f"{tmp_path}/model.simclf"))
