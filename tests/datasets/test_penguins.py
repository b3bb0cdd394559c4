"""Facts about the penguins."""

import pytest

from simclf.datasets import load_penguins


def score(truth, answer):
    """The documented rule, from the two labels alone."""
    if truth == answer:
        return 1.0
    (species, sex), (other_species, other_sex) = truth.split(), answer.split()
    if species == other_species:
        return 0.7
    return 0.2 if sex == other_sex else 0.1


def test_table_follows_its_rule():
    similarity = load_penguins().similarity
    for truth in similarity.index:
        for answer in similarity.columns:
            assert similarity.loc[truth, answer] == score(truth, answer)


def test_class_sizes_as_documented():
    sizes = load_penguins().target.value_counts()
    assert (sizes.min(), sizes.max()) == (34, 73)


def test_measures_are_in_the_units_named():
    means = load_penguins().data.mean()
    assert means["bill_length_mm"] == pytest.approx(44, abs=1)
    assert means["body_mass_g"] == pytest.approx(4200, abs=50)
