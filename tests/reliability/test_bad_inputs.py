"""Whatever is wrong is refused at once, by its name, and with what to do instead."""

from pathlib import Path
from types import TracebackType

import pytest
import sklearn
from sklearn.exceptions import NotFittedError

import simclf
from tests.reliability import (
    bad_builders,
    bad_calls,
    bad_judging,
    bad_rows,
    bad_settings,
    bad_tables,
)

GROUPS = {
    "X": bad_rows.FEATURES,
    "y": bad_rows.LABELS,
    "weights": bad_rows.WEIGHTS,
    "validation": bad_rows.VALIDATION,
    "partial_fit": bad_rows.PARTS,
    "bayes": bad_rows.BAYES,
    "tables": bad_tables.CASES,
    "settings": bad_settings.CASES,
    "calls": bad_calls.CASES,
    "judging": bad_judging.CASES,
    "builders": bad_builders.CASES,
}
CASES = [
    pytest.param(*case, id=f"{group}-{name}")
    for group, cases in GROUPS.items()
    for name, *case in cases
]
OURS = Path(simclf.__file__).parent
VALIDATION = [
    Path(sklearn.__file__).parent / part
    for part in ("base.py", "utils", "model_selection/_split.py")
]


def last_file(traceback: TracebackType | None) -> Path:
    """File in which an error was raised."""
    assert traceback is not None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return Path(traceback.tb_frame.f_code.co_filename)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("call", "kind", "culprit", "remedy"), CASES)
def test_a_bad_input_is_refused_by_name_with_what_to_do(call, kind, culprit, remedy):
    with pytest.raises(kind) as caught:
        call()
    message, file = str(caught.value), last_file(caught.value.__traceback__)
    assert type(caught.value) in {kind, NotFittedError}, type(caught.value)
    assert culprit in message, message
    if file.is_relative_to(OURS):
        assert remedy is not None, f"what does this tell the reader to do? {message}"
        assert remedy in message, message
    else:
        assert any(file.is_relative_to(part) for part in VALIDATION), (file, message)


def test_there_are_enough_of_them():
    assert len(CASES) >= 900
    assert len({case.id for case in CASES}) == len(CASES)
    assert sum(case.values[-1] is not None for case in CASES) >= 0.9 * len(CASES)
