"""Immune cell types from single-cell expression, scored by the Cell Ontology."""

from sklearn.utils import Bunch

from simclf.datasets._reader import read_bunch, read_frame


def load_pbmc() -> Bunch:
    """Load blood cells of ten immune cell types, with an ontology score table.

    700 cells, 100 genes, 10 cell types of 8 to 240 cells each. The score of an
    answer is the share of Cell Ontology ancestors that it has in common with the
    true cell type: a memory T cell called a naive T cell is nearly right, called
    a B cell it is not.

    Returns
    -------
    bunch : sklearn.utils.Bunch
        A fresh copy at each call, with the attributes

        data, frame : pandas.DataFrame of shape (700, 100)
            Scaled expression, one column a gene. Both names are one object.
        target : pandas.Series of shape (700,)
            Cell types as strings.
        similarity : pandas.DataFrame of shape (10, 10)
            Jaccard index of the ancestor sets, 1 on the diagonal, symmetric. Rows
            are the truth, columns the answer.
        feature_names, target_names : list of str
            Genes, and cell types in sorted order.
        ontology_ids : pandas.Series of shape (10,)
            Cell Ontology term of each cell type, e.g. ``"CL:0000236"``.
        DESCR : str
            Source, preparation and limits.

    See Also
    --------
    load_pbmc_adata : The same cells with all 765 genes, unscaled, as AnnData.
    load_cell_ontology : The terms and their ancestors, which the table is made of.

    Notes
    -----
    Seven hundred cells are few, and the rarest type has eight: give a standard
    error with every difference between two models.

    References
    ----------
    Zheng et al. (2017), "Massively parallel digital transcriptional profiling of
    single cells", Nature Communications 8, 14049. :doi:`10.1038/ncomms14049`

    Examples
    --------
    >>> from simclf.datasets import load_pbmc
    >>> pbmc = load_pbmc()
    >>> pbmc.data.shape
    (700, 100)
    >>> similarity = pbmc.similarity
    >>> float(similarity.loc["CD14+ Monocyte", "Dendritic"])
    0.6
    >>> float(similarity.loc["CD14+ Monocyte", "CD19+ B"])
    0.381
    """
    bunch = read_bunch("pbmc", target="cell_type")
    terms = read_frame("pbmc_ontology_ids.csv", index="cell_type")
    bunch.ontology_ids = terms["ontology_id"]
    return bunch
