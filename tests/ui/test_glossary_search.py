"""Looking a word up: all words at first, the nearest first, nothing lost, nothing invented."""

import pytest

from cnnviz.web.glossary import find_terms, terms


@pytest.mark.parametrize("text", ["", "  "])
def test_who_asks_for_nothing_gets_every_word_in_the_order_of_reading(text: str):
    assert find_terms(text) == terms()


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.word)
def test_every_word_is_found_by_its_name_and_stands_first(term):
    assert find_terms(term.word.upper())[0].word.casefold().startswith(term.word.casefold())


def test_pytorchs_spelling_leads_to_the_word():
    assert "kernel" in [term.names[0] for term in find_terms("conv2d.weight")]


def test_what_has_nothing_of_it_is_left_out():
    hits = find_terms("padding")
    assert 0 < len(hits) < len(terms())
    for term in terms():
        assert (term in hits) == ("padding" in f"{term.word} {term.spelling} {term.meaning}".casefold())
    assert find_terms("no such word") == ()
