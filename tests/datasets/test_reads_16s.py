"""Facts about the 16S reads."""

from itertools import product

import numpy as np

from simclf.datasets import load_16s_reads

RANK_SCORES = {"family": 0.75, "order": 0.55, "class": 0.35, "phylum": 0.2}


def count_words(read):
    """Overlapping 3-mers of one read, in the columns' order."""
    words = [read[start : start + 3] for start in range(len(read) - 2)]
    return [words.count("".join(letters)) for letters in product("ACGT", repeat=3)]


def shared_rank_score(lineage, truth, answer):
    """The documented rule, from the lineage alone."""
    if truth == answer:
        return 1.0
    for rank, value in RANK_SCORES.items():
        if lineage.loc[truth, rank] == lineage.loc[answer, rank]:
            return value
    return 0.05


def test_counts_are_the_reads_own():
    bunch = load_16s_reads()
    assert bunch.feature_names[:2] == ["AAA", "AAC"]
    assert all(np.issubdtype(kind, np.integer) for kind in bunch.data.dtypes)
    counted = [count_words(read) for read in bunch.reads]
    assert (bunch.data.to_numpy() == counted).all()


def test_table_follows_the_lineage():
    bunch = load_16s_reads()
    for truth in bunch.target_names:
        for answer in bunch.target_names:
            expected = shared_rank_score(bunch.lineage, truth, answer)
            assert bunch.similarity.loc[truth, answer] == expected


def test_lineage_covers_the_classes_from_domain_to_family():
    bunch = load_16s_reads()
    ranks = ["superkingdom", "phylum", "class", "order", "family"]
    assert bunch.lineage.index.tolist() == bunch.target_names
    assert bunch.lineage.columns.tolist() == ranks
    assert bunch.lineage["family"].nunique() == 11


def test_reads_belong_to_their_rows():
    bunch = load_16s_reads()
    assert set(bunch.reads.str.len()) == {150}
    assert (bunch.species.str.split().str[0] == bunch.target).all()
    assert bunch.species.is_unique
    assert bunch.accessions.is_unique


def test_repeated_reads_stay_within_a_genus():
    bunch = load_16s_reads()
    genera = bunch.target.groupby(bunch.reads).agg(["size", "nunique"])
    assert (genera["size"] > 1).sum() == 7
    assert genera["nunique"].max() == 1


def test_class_sizes_as_documented():
    sizes = load_16s_reads().target.value_counts()
    assert (sizes.min(), sizes.max()) == (22, 40)
