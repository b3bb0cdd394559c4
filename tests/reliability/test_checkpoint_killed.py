"""A fit with a checkpoint survives SIGKILL at any moment, and a disk that is full."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simclf.training import _checkpoint
from tests.persistence.cases import ANIMALS, CODES, X, fitted

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("fit_and_be_killed.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_a_killed_fit_goes_on_to_the_same_model(tmp_path: Path) -> None:
    # One process imports torch; the fits that are killed are its forks.
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(tmp_path)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[-1] == "drops is the same"
    assert "dropout is the same" in lines
    assert lines[:5] == [
        "before the bytes reach the disk 0",
        "before the name is taken over 0",
        "before the folder reaches the disk 1",
        "in a later write 4",
        "at a later name 8",
    ]
    # No kill has lost what an earlier one had left.
    for kind in ("dropout", "drops"):
        told = [line.split() for line in lines if line.startswith(f"{kind} 0.")]
        epochs = [int(epoch) for *_, epoch in told]
        assert epochs == sorted(epochs)
        assert "killed" in {ended for *_, ended, _ in told}


def test_a_disk_that_is_full_for_a_while_loses_neither_fit_nor_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_checkpoint, "_PAUSE", 0.0)
    monkeypatch.setattr(_checkpoint, "_TIMES_ITS_COST", 0.0)
    path = tmp_path / "fit.safetensors"
    fitted(checkpoint=path)
    before = path.read_bytes()
    path.rename(tmp_path / "kept")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limit[1]))
    try:
        with pytest.warns(RuntimeWarning, match="File too large") as told:
            clf = fitted(checkpoint=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert len(told) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_bytes() == before
    plain = fitted()
    np.testing.assert_array_equal(clf.predict_proba(X), plain.predict_proba(X))
    fitted(checkpoint=path).predict(X[:1])
    assert path.exists()
    assert set(plain.classes_) == set(ANIMALS[CODES])
