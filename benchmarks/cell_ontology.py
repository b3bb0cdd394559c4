"""Cut the slice of the Cell Ontology that simclf ships out of a whole release.

The release is the one that cellxgene-ontology-guide 1.11.1 carries::

    pip install cellxgene-ontology-guide==1.11.1
    python benchmarks/cell_ontology.py > simclf/datasets/data/cell_ontology.obo
"""

from cellxgene_ontology_guide.ontology_parser import OntologyParser

from simclf.datasets import load_pbmc

HEADER = """\
format-version: 1.2
data-version: releases/{date}
ontology: cl
remark: The cell types of the pbmc data set, the terms above them, and terms replaced
remark: by one of these. Cut from the Cell Ontology, which is under CC BY 4.0.
property_value: dcterms-license http://creativecommons.org/licenses/by/4.0/
"""


def main() -> None:
    """Print the slice."""
    parser = OntologyParser()
    version = parser.cxg_schema.supported_ontologies["CL"]["version"]
    print(HEADER.format(date=version.removeprefix("v")), end="")
    kept = set()
    for term in load_pbmc().ontology_ids:
        kept.update([term, *parser.get_term_ancestors(term)])
    replaced = {
        term: parser.get_term_replacement(term)
        for term in sorted(parser.cxg_schema.ontology("CL"))
        if parser.get_term_replacement(term) in kept
    }
    for term in sorted(kept | set(replaced)):
        if term in kept:
            merged = [
                old
                for old, new in replaced.items()
                if new == term and not parser.get_term_label(old)
            ]
            print_term(parser, term, merged)
        elif parser.get_term_label(term):
            print_obsolete(parser, term, replaced[term])


def print_term(parser: OntologyParser, term: str, merged: list[str]) -> None:
    """Print a term, the ids that were merged into it and the terms right above it."""
    print(f"\n[Term]\nid: {term}\nname: {parser.get_term_label(term)}")
    for old in merged:
        print(f"alt_id: {old}")
    for parent in sorted(parser.get_term_parents(term)):
        print(f"is_a: {parent} ! {parser.get_term_label(parent)}")


def print_obsolete(parser: OntologyParser, term: str, replacement: str) -> None:
    """Print a term that is obsolete, and what to take instead."""
    print(f"\n[Term]\nid: {term}\nname: {parser.get_term_label(term)}")
    print(f"is_obsolete: true\nreplaced_by: {replacement}")


if __name__ == "__main__":
    main()
