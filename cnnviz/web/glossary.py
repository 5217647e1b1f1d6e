"""One word, one meaning: the terms that pages, code and tests share."""

from __future__ import annotations

from cnnviz.web.glossary_network import network_terms
from cnnviz.web.glossary_term import Term
from cnnviz.web.glossary_training import training_terms


def terms() -> tuple[Term, ...]:
    """All terms in the order in which a reader meets them: first the network, then its answers and how it learns."""
    return (*network_terms(), *training_terms())


def find_terms(text: str) -> tuple[Term, ...]:
    """The terms in whose word, spelling or meaning `text` occurs, those whose word begins with it first.

    >>> from cnnviz.web.glossary import find_terms, terms
    >>> [term.word for term in find_terms("receptive field")][:1]
    ['receptive field']
    >>> len(find_terms("")) == len(terms())
    True
    """
    wanted = text.strip().casefold()
    hits = [term for term in terms() if wanted in f"{term.word} {term.spelling} {term.meaning}".casefold()]
    return tuple(
        sorted(hits, key=lambda term: (not term.word.casefold().startswith(wanted), wanted not in term.word.casefold()))
    )
