"""The route of the case book (案例)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from data.city import City


def add_casebook(router: APIRouter, city: City) -> None:
    """Add the route."""

    @router.get("/api/casebook", tags=["case book"])
    def cases() -> list[dict[str, Any]]:
        """The twenty cases of 2021 by number, with every figure they state; public.

        A fact has a `value` in a plain `unit` (perhaps `up_to` or `before`) or `words`, and the exact `quotation` that
        carries it. `bound` is what the source says of the number: over, nearly, about, under, at_most, at_least;
        `computed`: the source does not state it. `presence` tells how much of a case is in this system: here, part,
        planned.
        """
        return city.casebook.cases()
