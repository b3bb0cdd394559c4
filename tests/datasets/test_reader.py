"""What holds for every shipped data set."""

import numpy as np
import pandas as pd
import pytest

from simclf.datasets import load_16s_reads, load_pbmc, load_penguins

SHAPES = [
    pytest.param(load_pbmc, (700, 100), 10, "cell_type", id="pbmc"),
    pytest.param(load_16s_reads, (818, 64), 23, "genus", id="16s"),
    pytest.param(load_penguins, (333, 4), 6, "species_sex", id="penguins"),
]
LOADERS = [load_pbmc, load_16s_reads, load_penguins]


@pytest.mark.parametrize(("load", "shape", "n_classes", "target"), SHAPES)
def test_sizes_and_names(load, shape, n_classes, target):
    bunch = load()
    assert bunch.data.shape == shape
    assert bunch.target.shape == shape[:1]
    assert bunch.target.name == target
    assert bunch.target.nunique() == n_classes
    assert bunch.feature_names == bunch.data.columns.tolist()


@pytest.mark.parametrize("load", LOADERS)
def test_frame_holds_features_only(load):
    bunch = load()
    assert bunch.frame is bunch.data
    assert bunch.target.name not in bunch.data.columns
    assert all(pd.api.types.is_numeric_dtype(kind) for kind in bunch.data.dtypes)
    assert np.isfinite(bunch.data.to_numpy()).all()


@pytest.mark.parametrize("load", LOADERS)
def test_labels_are_plain_strings(load):
    target = load().target
    assert not isinstance(target.dtype, pd.CategoricalDtype)
    assert {type(label) for label in target} == {str}


@pytest.mark.parametrize("load", LOADERS)
def test_table_names_the_classes_in_sorted_order(load):
    bunch = load()
    classes = sorted(set(bunch.target))
    assert bunch.target_names == classes
    assert bunch.similarity.index.tolist() == classes
    assert bunch.similarity.columns.tolist() == classes
    assert bunch.similarity.index.name is None
    assert bunch.similarity.columns.name is None


@pytest.mark.parametrize("load", LOADERS)
def test_table_is_symmetric_with_ones_only_for_right_answers(load):
    similarity = load().similarity
    values = similarity.to_numpy()
    assert (similarity.dtypes == np.float64).all()
    assert (values == values.T).all()
    assert ((values == 1) == np.eye(len(values), dtype=bool)).all()
    assert values.min() > 0


@pytest.mark.parametrize("load", LOADERS)
def test_description_comes_with_a_heading_and_a_source(load):
    lines = load().DESCR.splitlines()
    assert lines[1] == "=" * len(lines[0])
    assert any(line.startswith("Source. ") for line in lines)


@pytest.mark.parametrize("load", LOADERS)
def test_each_call_returns_a_fresh_copy(load):
    spoiled, whole = load(), load()
    spoiled.data.iloc[:, :] = 0
    spoiled.target.iloc[:] = "spoiled"
    spoiled.similarity.iloc[:, :] = -1.0
    spoiled.target_names.clear()
    for bunch in (whole, load()):
        assert bunch.data.to_numpy().any()
        assert "spoiled" not in set(bunch.target)
        assert (bunch.similarity > 0).all(axis=None)
        assert bunch.target_names
