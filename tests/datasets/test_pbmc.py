"""Facts about the immune cells."""

from simclf.datasets import load_pbmc


def test_class_sizes_as_documented():
    sizes = load_pbmc().target.value_counts()
    assert (sizes.min(), sizes.max()) == (8, 240)
    assert sizes["CD19+ B"] == 95


def test_ontology_ids_cover_the_classes_once_each():
    bunch = load_pbmc()
    assert bunch.ontology_ids.index.tolist() == bunch.target_names
    assert bunch.ontology_ids.str.fullmatch(r"CL:\d{7}").all()
    assert bunch.ontology_ids.is_unique
    assert bunch.ontology_ids["CD19+ B"] == "CL:0000236"


def test_lineage_is_what_the_table_scores():
    scores = load_pbmc().similarity.loc["CD4+/CD45RO+ Memory"]
    assert scores["CD4+/CD45RA+/CD25- Naive T"] > scores["CD56+ NK"]
    assert scores["CD56+ NK"] > scores["CD14+ Monocyte"]
