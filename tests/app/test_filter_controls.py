"""Filter controls: what they say of a search, and how words and chips change them without undoing a hand."""

from __future__ import annotations

from typing import Any

import pytest
from dash import no_update

from callbacks.filter_controls import chosen_values, cleared, spoken

KEEPS = no_update


def _item(field: str, end: str, value: Any = None) -> dict[str, Any]:
    return {"id": {"type": "offices-filter", "field": field, "end": end}, "value": value}


def _groups(
    street: Any = None, low: Any = None, high: Any = None, people: Any = None
) -> list[list[dict[str, Any]]]:
    area = ("area_m2", low), ("area_m2", high)
    ends = [[_item(name, end, value)] for (name, value), end in zip(area, ("low", "high"), strict=True)]
    return [[_item("street", "set", street or [])], *ends, [_item("people", "one", people)]]


@pytest.mark.parametrize(
    ("now", "before", "said", "becomes"),
    [
        (_groups(), {}, {"people": "5"}, [KEEPS, KEEPS, KEEPS, 5.0]),
        (_groups(), {}, {"area_m2": "85..115"}, [KEEPS, 85.0, 115.0, KEEPS]),
        (_groups(high=100), {"area_m2": "..100"}, {"area_m2": "200.."}, [KEEPS, 200.0, None, KEEPS]),
        (_groups(people=5), {"people": "5"}, {}, [KEEPS, KEEPS, KEEPS, None]),
        (_groups(people=8), {"people": "5"}, {}, [KEEPS] * 4),  # a hand has set it meanwhile
        (_groups(people=8), {"people": "5"}, {"people": "5"}, [KEEPS] * 4),
        (_groups(people=8), {"people": "5"}, {"people": "6"}, [KEEPS, KEEPS, KEEPS, 6.0]),
        (_groups(["a"]), {}, {"street": "b"}, [["a", "b"], KEEPS, KEEPS, KEEPS]),
        (_groups(["a", "b"]), {"street": "b"}, {"street": "c"}, [["a", "c"], KEEPS, KEEPS, KEEPS]),
        (_groups(["a", "b"]), {"street": "b"}, {}, [["a"], KEEPS, KEEPS, KEEPS]),
        (_groups(["a"]), {}, {"street": "a,b"}, [["a", "b"], KEEPS, KEEPS, KEEPS]),
    ],
)
def test_words_set_what_they_say_and_take_back_only_that(
    now: list[list[dict[str, Any]]], before: dict[str, str], said: dict[str, str], becomes: list[Any]
) -> None:
    assert [group[0] for group in spoken(now, before, said)] == becomes


@pytest.mark.parametrize(
    ("field", "becomes"),
    [
        ("", [[], None, None, None]),
        ("people", [KEEPS, KEEPS, KEEPS, None]),
        ("area_m2", [KEEPS, None, None, KEEPS]),
        ("street", [[], KEEPS, KEEPS, KEEPS]),
        ("q", [KEEPS] * 4),
        (None, [KEEPS] * 4),
    ],
)
def test_one_condition_goes_or_all_of_them(field: str | None, becomes: list[Any]) -> None:
    assert [group[0] for group in cleared(_groups(), field)] == becomes


def test_controls_say_a_search_as_an_address_does() -> None:
    said = chosen_values(_groups(["310104"], 85, 115.5, "5"))
    assert said == {
        "category": [],
        "street": ["310104"],
        "extra": {"area_m2": "85..115.5", "people": "5"},
        "cleared": [],
    }
    assert chosen_values(_groups())["cleared"] == ["area_m2", "people"]
