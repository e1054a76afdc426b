"""Units of the carriers with the premises they are, units nobody may register in, and title papers on file."""

from __future__ import annotations

from datetime import timedelta

from data.demo.carriers import Carrier
from data.demo.names import Rng
from data.demo.site import Scene
from layers.core.premises import PAPERS_OF

_PREMISES = {  # kind of carrier -> premises and their shares
    "tower": (("leased", 0.76), ("owned", 0.13), ("sublet", 0.08), ("part", 0.03)),
    "park": (("leased", 0.70), ("sublet", 0.14), ("untitled", 0.10), ("owned", 0.06)),
    "registry": (("registry", 1.0),),
    "residential": (("converted", 1.0),),
    "mall": (("mall", 1.0),),
    "market": (("mall", 1.0),),
    "street": (("leased", 0.74), ("owned", 0.16), ("sublet", 0.10)),
    "hotel": (("leased", 1.0),),
}
_HIGH = 26  # floors from which a tower has a refuge floor
_OF_UNITS = frozenset({"owner_consent", "split_plan", "change_of_use", "owners_vote"})


def add_unit(scene: Scene, carrier: Carrier, unit: str, floor: int, rng: Rng) -> str:
    """Add a unit of a carrier; returns what premises it is."""
    kinds, shares = zip(*_PREMISES[carrier.kind], strict=True)
    premises = str(kinds[int(rng.choice(len(kinds), p=shares))])
    scene.records.add(
        "building_unit",
        building_id=carrier.building,
        unit=unit,
        floor=floor,
        area_m2=round(float(rng.lognormal(4.6, 0.5)), 1),
        premises=premises,
    )
    carrier.premises[unit] = premises
    return premises


def add_barred_units(scene: Scene, carrier: Carrier) -> None:
    """Add the units of a carrier in which nobody may register: the switch room, the refuge floor of a high tower."""
    if carrier.kind not in {"tower", "park", "mall"}:
        return
    barred = [("配电间", -1, "switch_room")]
    if carrier.floors >= _HIGH:
        barred.append(("避难层", carrier.floors // 2, "refuge_floor"))
    for unit, floor, why in barred:
        scene.records.add("building_unit", building_id=carrier.building, unit=unit, floor=floor, barred=why)


def add_title_papers(scene: Scene, carrier: Carrier, rng: Rng) -> None:
    """Add the papers that a carrier's premises ask for: most are on file, some are missing."""
    wanted = {
        (paper, unit if paper in _OF_UNITS else "")
        for unit, premises in carrier.premises.items()
        for paper in PAPERS_OF[premises]
    }
    for paper, unit in sorted(wanted):
        if rng.random() < (0.72 if unit else 0.9):
            scene.records.add(
                "title_paper",
                building_id=carrier.building,
                unit=unit,
                kind=paper,
                number=f"沪演字（{scene.day.year - int(rng.integers(2, 18))}）第{int(rng.integers(10**6)):06d}号",
                checked_on=scene.day - timedelta(days=int(rng.integers(20, 700))),
            )
