"""Score table of a substitution matrix: residues that evolution takes for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simclf.similarity._by_class import read_named
from simclf.similarity._extras import import_extra
from simclf.similarity._labelled import labelled_frame
from simclf.similarity._labels import show_labels
from simclf.similarity._scale import unit_regret
from simclf.similarity._suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

_AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
# By whether the matrix is one of proteins, as U is an amino acid and a nucleotide.
_NEAREST = {
    (True, "U"): ("selenocysteine", "C", "cysteine"),
    (True, "O"): ("pyrrolysine", "K", "lysine"),
    (False, "U"): ("uracil", "T", "thymine"),
}


def substitution_similarity(
    matrix: Any = "BLOSUM62",
    classes: Iterable[object] | Mapping[object, object] | None = None,
    *,
    scale: Literal["unit", "raw"] = "unit",
) -> pd.DataFrame:
    r"""Score answers by how readily evolution puts one residue for another.

    Parameters
    ----------
    matrix : str or Bio.Align.substitution_matrices.Array, default="BLOSUM62"
        Name of a matrix that Biopython has, such as "PAM250" or, for nucleotides,
        "HOXD70"; or a matrix read with ``Bio.Align.substitution_matrices.read``.
    classes : iterable of labels, or mapping of label to letter, default=None
        Letters of the matrix ("A") or three-letter names of amino acids ("Ala"). A
        mapping or Series gives the labels of your data and the letter of each. None
        takes the twenty amino acids, or all letters if the matrix is not of these.
    scale : {"unit", "raw"}, default="unit"
        "raw" leaves the entries as they are; see Notes for "unit".

    Returns
    -------
    pandas.DataFrame of shape (n_classes, n_classes)
        Rows are the truth, columns the answer.

    Raises
    ------
    ValueError
        If Biopython has no such matrix, or a class is no letter of it.
    ImportError
        If Biopython is not installed.

    Notes
    -----
    An entry of BLOSUM62 is :math:`2 \log_2` of the odds that two residues stand in one
    column of related sequences, against chance, rounded: half-bits [1]_. Other matrices
    have other units: PAM250 has thirds of a bit.

    With ``scale="unit"`` the score is

    .. math:: S_{ij} = 1 - \frac{\max_k M_{ik} - M_{ij}}
                             {\max_l (\max_k M_{lk} - \min_k M_{lk})},

    where :math:`k` and :math:`l` run over the classes. Each row is shifted so that its
    best answer scores 1, and all rows are divided by one number, the largest range of
    a row, so that no score is below 0. This changes no decision and orders no answers
    differently. It makes the mean score of right answers 1, and it makes the table of a
    symmetric matrix asymmetric: a tryptophan, which is rarely replaced (11 half-bits),
    has more to lose than a valine (4).

    The right answer is the best of its row in most matrices, but not in all: of the
    twenty amino acids, ``"MDM78"`` scores N below D and ``"GENETIC"`` R below H. In the
    BLOSUM and PAM matrices only the ambiguous letters B and X can be below another.
    Such rows are left as they are; :func:`describe_similarity` names them.

    References
    ----------
    .. [1] Henikoff, Henikoff, "Amino acid substitution matrices from protein blocks",
       PNAS 1992, doi:10.1073/pnas.89.22.10915.

    Examples
    --------
    Leucine, isoleucine and valine are taken for each other, tryptophan is not:

    >>> from simclf.similarity import substitution_similarity
    >>> substitution_similarity("BLOSUM62", ["Leu", "Ile", "Val", "Trp"], scale="raw")
    answer  Leu  Ile  Val   Trp
    truth
    Leu     4.0  2.0  1.0  -2.0
    Ile     2.0  4.0  3.0  -3.0
    Val     1.0  3.0  4.0  -3.0
    Trp    -2.0 -3.0 -3.0  11.0
    >>> substitution_similarity("BLOSUM62", ["Leu", "Ile", "Val", "Trp"]).round(2)
    answer   Leu   Ile   Val   Trp
    truth
    Leu     1.00  0.86  0.79  0.57
    Ile     0.86  1.00  0.93  0.50
    Val     0.79  0.93  1.00  0.50
    Trp     0.07  0.00  0.00  1.00
    """
    if scale not in {"unit", "raw"}:
        msg = f"scale is {scale!r}; expected 'unit' or 'raw'."
        raise ValueError(msg)
    table = _load(matrix)
    alphabet = list(table.alphabet)
    labels, letters = _read_classes(classes, alphabet)
    places = [alphabet.index(letter) for letter in letters]
    scores = np.array(table, dtype=np.float64)[np.ix_(places, places)]
    return labelled_frame(
        1.0 - unit_regret(scores) if scale == "unit" else scores, labels
    )


def _load(matrix: Any) -> Any:
    """Biopython's matrix of a name, or the matrix itself."""
    if not isinstance(matrix, str):
        if not hasattr(matrix, "alphabet") or np.ndim(matrix) != 2:
            msg = (
                f"matrix is of type {type(matrix).__name__}; expected the name of a "
                "substitution matrix, or one that Biopython has read."
            )
            raise TypeError(msg)
        return matrix
    matrices = import_extra("Bio.Align.substitution_matrices", "Biopython", "bio")
    known = matrices.load()
    if matrix not in known:
        msg = (
            f"matrix is {matrix!r}, which Biopython does not have."
            f"{suggest(matrix, known)} Bio.Align.substitution_matrices.load() lists "
            "those it has."
        )
        raise ValueError(msg)
    return matrices.load(matrix)


def _read_classes(
    classes: Iterable[object] | Mapping[object, object] | None, alphabet: list[str]
) -> tuple[list[object], list[object]]:
    """Labels, and the letter of each."""
    if classes is None:
        known = _AMINO_ACIDS if _is_of_proteins(alphabet) else alphabet
        letters: list[object] = list(known)
        return letters, letters
    named = read_named(classes, "classes")
    return list(named), [_find_letter(name, alphabet) for name in named.values()]


def _is_of_proteins(alphabet: list[str]) -> bool:
    """Whether letters are those of amino acids, and perhaps some more."""
    return set(_AMINO_ACIDS) <= set(alphabet)


def _find_letter(name: object, alphabet: list[str]) -> object:
    """Letter of the matrix by itself or by a three-letter name."""
    if name in alphabet:
        return name
    letters = import_extra(
        "Bio.Data.IUPACData", "Biopython", "bio"
    ).protein_letters_3to1_extended
    short = str(name).strip()
    letter = letters.get(short.capitalize())
    if letter in alphabet:
        return letter
    names = letters if _is_of_proteins(alphabet) else []
    advice = _near_residue(letter or short.upper(), alphabet) or suggest(
        name, [*alphabet, *(long for long in names if letters[long] in alphabet)]
    )
    msg = (
        f"classes: {name!r} is neither a letter of the matrix, which has "
        f"{show_labels(alphabet)}, nor a three-letter name of one.{advice} Map your "
        "labels to letters with a dict."
    )
    raise ValueError(msg)


def _near_residue(letter: str, alphabet: list[str]) -> str:
    """Remark on a residue that the matrix lacks, and on the one it stands near."""
    key = _is_of_proteins(alphabet), letter
    residue, near, kin = _NEAREST.get(key, ("", "", ""))
    if near not in alphabet:
        return ""
    return f" {letter!r} is {residue}, which it lacks; the nearest is {near!r}, {kin}."
