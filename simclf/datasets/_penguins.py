"""Species and sex of penguins: a small table that anyone can check by eye."""

from sklearn.utils import Bunch

from simclf.datasets._reader import read_bunch


def load_penguins() -> Bunch:
    """Load penguins of three species and two sexes, with a hand-written table.

    333 birds, 4 body measures, 6 classes such as ``"Adelie female"``. An answer
    scores 1 if all is right, 0.7 for the right species with the wrong sex, 0.2
    for the right sex of a wrong species and 0.1 otherwise.

    Returns
    -------
    bunch : sklearn.utils.Bunch
        A fresh copy at each call, with the attributes

        data, frame : pandas.DataFrame of shape (333, 4)
            Bill length and depth and flipper length in mm, body mass in g. Both
            names are one object.
        target : pandas.Series of shape (333,)
            Species and sex as one string.
        similarity : pandas.DataFrame of shape (6, 6)
            The scores above, symmetric. Rows are the truth, columns the answer.
        feature_names, target_names : list of str
            Measures, and classes in sorted order.
        DESCR : str
            Source, preparation and limits.

    References
    ----------
    Gorman, Williams, Fraser (2014), "Ecological sexual dimorphism and
    environmental variability within a community of Antarctic penguins (genus
    Pygoscelis)", PLoS ONE 9(3), e90081. :doi:`10.1371/journal.pone.0090081`

    Examples
    --------
    >>> from simclf.datasets import load_penguins
    >>> penguins = load_penguins()
    >>> penguins.target.value_counts()["Gentoo female"].item()
    58
    >>> penguins.similarity.loc["Gentoo female"].tolist()
    [0.2, 0.1, 0.2, 0.1, 1.0, 0.7]
    """
    return read_bunch("penguins", target="species_sex")
