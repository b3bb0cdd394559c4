"""Substitution matrices: as Biopython has them, scaled as stated, letters by name."""

import sys
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from Bio.Align import substitution_matrices

from simclf.similarity import describe_similarity, substitution_similarity

AMINO_ACIDS = list("ACDEFGHIKLMNPQRSTVWY")


def test_blosum62_as_it_stands():
    scores = substitution_similarity(scale="raw")
    assert scores.index.tolist() == scores.columns.tolist() == AMINO_ACIDS
    assert (scores.index.name, scores.columns.name) == ("truth", "answer")
    blosum = substitution_matrices.load("BLOSUM62")
    for truth in AMINO_ACIDS:
        for answer in AMINO_ACIDS:
            assert scores.loc[truth, answer] == blosum[truth, answer]


def test_unit_scale_by_hand():
    # Raw rows: C 9 -3 -2, R -3 5 -3, W -2 -3 11. The largest range is that of W, 14.
    scores = substitution_similarity("BLOSUM62", ["C", "R", "W"])
    expected = [[14, 2, 3], [6, 14, 6], [1, 0, 14]]
    np.testing.assert_allclose(scores, np.array(expected) / 14)


@pytest.mark.parametrize("name", ["BLOSUM62", "PAM250", "MDM78", "JOHNSON"])
def test_unit_scale_shifts_rows_and_divides_all_by_one_number(name):
    raw = substitution_similarity(name, scale="raw").to_numpy()
    unit = substitution_similarity(name).to_numpy()
    ranges = raw.max(axis=1) - raw.min(axis=1)
    np.testing.assert_allclose(unit.max(axis=1), 1)
    np.testing.assert_allclose(
        unit.max(axis=1) - unit.min(axis=1), ranges / ranges.max()
    )
    shifts = raw - unit * ranges.max()
    np.testing.assert_allclose(shifts, shifts[:, [0] * 20], atol=1e-12)


def worse_than_another(name, classes=None):
    """Classes whose own answer is not the best, as the doctor says it."""
    report = describe_similarity(substitution_similarity(name, classes))
    return {better.truth: better.answer for better in report.better_answers}


@pytest.mark.parametrize("name", substitution_matrices.load())
def test_own_answers_are_the_best_but_in_two_matrices(name):
    alphabet = substitution_matrices.load(name).alphabet
    if set(AMINO_ACIDS) <= set(alphabet):
        expected = {"MDM78": {"N": "D"}, "GENETIC": {"R": "H"}}.get(name, {})
        assert worse_than_another(name) == expected
    if name.startswith(("BLOSUM", "PAM")):
        assert set(worse_than_another(name, list(alphabet))) <= {"B", "X"}


def test_labels_letters_and_names():
    scores = substitution_similarity(classes={"leucine": "L", "ILE": "ile", 7: "Trp"})
    assert scores.index.tolist() == ["leucine", "ILE", 7]
    letters = substitution_similarity(classes=["L", "I", "W"])
    np.testing.assert_array_equal(scores, letters)
    whole = substitution_similarity(scale="raw")
    cut = substitution_similarity(classes=["Trp", "Leu"], scale="raw")
    np.testing.assert_array_equal(cut, whole.loc[["W", "L"], ["W", "L"]])


def test_names_of_the_letters_for_doubt():
    named = substitution_similarity(classes=["Asn", "Asx", "xaa"], scale="raw")
    letters = substitution_similarity(classes=["N", "B", "X"], scale="raw")
    np.testing.assert_array_equal(named, letters)


def test_matrices_of_other_letters():
    assert substitution_similarity("HOXD70").index.tolist() == list("ACGT")
    codons = substitution_similarity("SCHNEIDER", ["AAA", "AAG"], scale="raw")
    assert codons.shape == (2, 2)


def test_a_matrix_that_was_read():
    text = "   A  G\nA  2  1\nG  1  3\n"
    matrix = substitution_matrices.read(StringIO(text))
    pd.testing.assert_frame_equal(
        substitution_similarity(matrix, ["G", "A"], scale="raw"),
        pd.DataFrame(
            [[3.0, 1.0], [1.0, 2.0]],
            pd.Index(["G", "A"], name="truth", dtype=object),
            pd.Index(["G", "A"], name="answer", dtype=object),
        ),
    )


def refused(message, *args, error=ValueError, **settings):
    """Require a whole message."""
    with pytest.raises(error, match=f"^{message}$"):
        substitution_similarity(*args, **settings)


def test_an_unknown_matrix():
    lists = r" Bio\.Align\.substitution_matrices\.load\(\) lists those it has\."
    refused(
        r"matrix is 'blosum-62', which Biopython does not have\. Did you mean "
        r"'BLOSUM62'\?" + lists,
        "blosum-62",
    )
    refused(r"matrix is 'zzz', which Biopython does not have\." + lists, "zzz")


@pytest.mark.parametrize("matrix", [None, np.eye(3)])
def test_what_is_no_matrix(matrix):
    refused(
        rf"matrix is of type {type(matrix).__name__}; expected the name of a "
        r"substitution matrix, or one that Biopython has read\.",
        matrix,
        error=TypeError,
    )


def test_counts_of_letters_are_no_matrix():
    counts = substitution_matrices.Array("ACGT", dims=1)
    refused(r"matrix is of type Array; .*", counts, error=TypeError)


@pytest.mark.parametrize(
    ("classes", "name"), [(["Ala", "Xyz"], "Xyz"), ({"gap": "-"}, "-"), (["A", 1], 1)]
)
def test_a_class_that_is_no_letter(classes, name):
    refused(
        rf"classes: {name!r} is neither a letter of the matrix, which has \['A', 'R', "
        r"'N', 'D', 'C', 'Q', 'E', 'G', \.\.\.\] \(24 in all\), nor a three-letter "
        r"name of one\. Map your labels to letters with a dict\.",
        "BLOSUM62",
        classes,
    )


def test_an_amino_acid_of_a_nucleotide_matrix():
    refused(
        r"classes: 'Trp' is neither a letter of .*, nor a three-letter name of one\. "
        r"Map your labels to letters with a dict\.",
        "HOXD70",
        ["Trp"],
    )


LETTERS = (
    r"classes: {!r} is neither a letter of the matrix, which has \['A', 'R', 'N', 'D', "
    r"'C', 'Q', 'E', 'G', \.\.\.\] \(24 in all\), nor a three-letter name of one\. {} "
    r"Map your labels to letters with a dict\."
)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("l", r"Did you mean 'L'\?"),
        ("w ", r"Did you mean 'W'\?"),
        ("Alla", r"Did you mean 'Ala'\?"),
        (
            "U",
            r"'U' is selenocysteine, which it lacks; the nearest is 'C', cysteine\.",
        ),
        ("u", r"'U' is selenocysteine, which it lacks; the nearest is 'C', cysteine\."),
        ("Sec", r"'U' is selenocysteine, which it lacks; the nearest is 'C', cyste.*"),
        ("O", r"'O' is pyrrolysine, which it lacks; the nearest is 'K', lysine\."),
    ],
)
def test_letters_that_are_nearly_right(name, advice):
    refused(LETTERS.format(name, advice), classes=["A", name])


def test_uracil_is_no_amino_acid():
    refused(
        r"classes: 'U' is .* 'U' is uracil, which it lacks; the nearest is 'T', "
        r"thymine\. Map your .*",
        "HOXD70",
        ["A", "U"],
    )


def test_an_unknown_scale():
    refused(r"scale is 'bits'; expected 'unit' or 'raw'\.", scale="bits")


def test_without_biopython(monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio.Align.substitution_matrices", None)
    refused(r"Biopython is needed here .*", error=ImportError)


def test_a_series_is_read_as_the_mapping_that_it_is():
    letters = {"leucine": "L", "ILE": "ile", 7: "Trp"}
    pd.testing.assert_frame_equal(
        substitution_similarity(classes=pd.Series(letters)),
        substitution_similarity(classes=letters),
    )
