"""The cold-chain table: as many classes, types and sheets as the case counts, and one type per trade."""

from __future__ import annotations

from collections import Counter

from layers.core.cold_chain import CLASSES, SHEETS, TYPES, type_of_trade
from layers.core.premises import PAPERS_OF, PREMISES, TITLE_PAPERS, missing_papers
from tests.layers.examples import REGISTRY


def test_four_classes_eleven_types_seven_sheets() -> None:
    assert (len(CLASSES), len(TYPES), len(SHEETS)) == (4, 11, 7)
    assert {one.list for one in TYPES} == set(CLASSES)
    assert {one.sheet for one in TYPES} == set(range(1, 8))


def test_a_trade_chooses_its_type() -> None:
    trades = Counter(trade for one in TYPES for trade in one.trades)
    assert max(trades.values()) == 1
    assert set(trades) <= {choice.value for choice in REGISTRY["shops"].categories}
    assert (type_of_trade("supermarket"), type_of_trade("hotel")) == ("supermarket", "")


def test_every_kind_of_premises_has_its_papers() -> None:
    assert set(PAPERS_OF) == set(PREMISES)
    assert {paper for papers in PAPERS_OF.values() for paper in papers} == set(TITLE_PAPERS)
    assert missing_papers("sublet", {"title"}) == ("owner_consent",)
    assert missing_papers("", set()) == ()
