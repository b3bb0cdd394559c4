"""Genera of bacteria from short 16S reads, scored by shared taxonomic rank."""

from sklearn.utils import Bunch

from simclf.datasets._reader import read_bunch, read_frame


def load_16s_reads() -> Bunch:
    """Load 16S reads of 23 bacterial genera, with a taxonomic score table.

    818 reads of 150 nucleotides, each from the gene of another species, as counts
    of the 64 words of three letters; 22 to 40 reads a genus. A wrong genus scores
    by the lowest rank it shares with the true one: 0.75 for the family, 0.55
    order, 0.35 class, 0.2 phylum, 0.05 the domain only.

    Returns
    -------
    bunch : sklearn.utils.Bunch
        A fresh copy at each call, with the attributes

        data, frame : pandas.DataFrame of shape (818, 64)
            3-mer counts (integers), one column a word, ``AAA`` to ``TTT``. Both
            names are one object.
        target : pandas.Series of shape (818,)
            Genera as strings.
        similarity : pandas.DataFrame of shape (23, 23)
            The scores above, symmetric. Rows are the truth, columns the answer.
        feature_names, target_names : list of str
            Words, and genera in sorted order.
        reads, species, accessions : pandas.Series of shape (818,)
            The sequences the counts were made of, and where each was drawn from.
        lineage : pandas.DataFrame of shape (23, 5)
            Superkingdom, phylum, class, order and family of each genus.
        DESCR : str
            Source, preparation and limits.

    Notes
    -----
    Seven reads occur twice, each time in two species of one genus, so that a random
    split may put a copy on either side. ``groups=bunch.reads`` in a grouped split
    keeps them together.

    Examples
    --------
    >>> from simclf.datasets import load_16s_reads
    >>> bacteria = load_16s_reads()
    >>> bacteria.reads[0][:12], int(bacteria.data.loc[0, "GCA"])
    ('TGCAGCAACGCC', 4)
    >>> bacteria.lineage.loc["Yersinia", "order"]
    'Enterobacterales'
    >>> bacteria.similarity.loc["Yersinia", ["Serratia", "Xenorhabdus"]].tolist()
    [0.75, 0.55]
    """
    bunch = read_bunch("reads_16s", target="genus")
    sequences = read_frame("reads_16s_sequences.csv")
    bunch.reads = sequences["read"]
    bunch.species = sequences["species"]
    bunch.accessions = sequences["accession"]
    bunch.lineage = read_frame("reads_16s_lineage.csv", index="genus")
    return bunch
