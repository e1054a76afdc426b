"""The demo district's records, made from its plan in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy import Connection, text

from data.areas import reference_districts
from data.demo.basemap_rows import add_basemap
from data.demo.breakfast import add_breakfast
from data.demo.carriers import Carrier, add_carrier_places, add_carriers, choose_carriers
from data.demo.cases import add_closed_cases, add_open_case
from data.demo.credit import add_canteen_credit, add_credit
from data.demo.land import SUBDISTRICTS
from data.demo.licences import TERM_DAYS, Licensee, add_permits, required_kinds
from data.demo.names import people
from data.demo.night_permits import add_night_work
from data.demo.night_sites import add_sites, choose_sites
from data.demo.offices import add_agencies, add_offices
from data.demo.plan import Plan, build_plan
from data.demo.records import SOURCE, Records
from data.demo.shop_rows import add_enterprises, add_places, describe
from data.demo.shops import Shop, place_shops
from data.demo.site import DISTRICT, Scene
from data.demo.stories import SHOP_STORIES, bad_neighbourhood, deal
from data.demo.tenancies import add_tenancies, deal_zombies
from data.demo.visits import Visited, add_visits, planned_interval
from geo.districts import PolygonSet

CLOSED_CASES = 1_600


@dataclass(frozen=True, slots=True)
class District:
    """The finished records, with what the accounts need: a shop's USCC, a building's number, an agency's USCC."""

    plan: Plan
    records: Records
    merchant: str
    building: int
    agency: str


def make_district(at: datetime) -> District:
    """Return all records of the demo district as of an aware moment; pure, the same for the same day and hour."""
    plan = build_plan(reference_districts()[DISTRICT][1])
    records = Records()
    areas = PolygonSet(list(plan.subdistricts), [plan.frame.globe(s) for s in plan.subdistricts.values()])
    scene = Scene(at, plan, records, areas, _bad_spots(plan))
    staff = people(scene.rng(10), 36)
    shops, stories = _shops(scene)
    carriers = _carriers(scene, shops)
    buildings = [c.building for c in carriers[: len(plan.malls)]]
    add_places(scene, shops, buildings, scene.rng(13))
    add_carrier_places(scene, carriers, scene.rng(17))
    _shop_histories(scene, shops, stories, staff)
    breakfast = add_breakfast(scene, shops, staff, scene.rng(15))
    _nights(scene)
    agencies = add_agencies(scene)
    add_offices(scene, carriers, agencies, scene.rng(19))
    _cases(scene, shops, stories, breakfast)
    merchant = _merchant(shops, stories)
    add_credit(scene, shops, stories, merchant, scene.rng(23))
    add_canteen_credit(scene, breakfast, scene.rng(29))
    add_basemap(records, plan)
    return District(plan, records, merchant, _managed(carriers), agencies[0][1])


def write_areas(connection: Connection, plan: Plan) -> None:
    """Write the sub-districts (real names and codes, synthetic outlines) in the caller's transaction."""
    rows = [
        {
            "code": code,
            "name": SUBDISTRICTS[code][0],
            "parent": DISTRICT,
            "source": SOURCE,
            "geom": f"SRID=4326;{plan.frame.globe(shape).wkt}",
        }
        for code, shape in plan.subdistricts.items()
    ]
    connection.execute(
        text(
            "INSERT INTO area (code, name, parent, source, geom) "
            "VALUES (:code, :name, :parent, :source, ST_GeomFromEWKT(:geom)) ON CONFLICT (code) DO NOTHING"
        ),
        rows,
    )


def _bad_spots(plan: Plan) -> np.ndarray:
    """Return points around which trouble gathers: along one street in the old town, and at two markets."""
    street = max(
        plan.book.streets, key=lambda s: s.line.centroid.y - abs(s.line.centroid.x - 900) + s.line.length / 4
    )
    along = shapely.get_coordinates(street.line.interpolate(np.linspace(0.1, 0.9, 5), normalized=True))
    markets = [mall.shape.centroid for mall in plan.malls if mall.kind == "market"][:2]
    return np.vstack([along, [(market.x, market.y) for market in markets]])


def _shops(scene: Scene) -> tuple[list[Shop], list[str]]:
    rng = scene.rng(12)
    shops = place_shops(scene.plan, rng)
    describe(shops, [""] * len(shops), scene.rng(14))
    licensed = np.array([required_kinds(s.category, s.fields)[0] in TERM_DAYS for s in shops])
    seen = [Visited("shops", 0, s.category, s.fields, "") for s in shops]
    intervals = np.array([planned_interval(scene, who) for who in seen])
    graded = np.array([s.fields["face_grade"] is not None for s in shops])
    risk = bad_neighbourhood(np.array([(s.x, s.y) for s in shops]), scene.bad_spots)
    stories = deal(SHOP_STORIES, licensed, intervals > 0, graded, risk, rng)
    describe(shops, stories, scene.rng(14))
    add_enterprises(scene, shops, scene.rng(11))
    return shops, stories


def _carriers(scene: Scene, shops: list[Shop]) -> list[Carrier]:
    rng = scene.rng(16)
    carriers = choose_carriers(scene, rng)
    deal_zombies(
        carriers, bad_neighbourhood(np.array([c.at for c in carriers]), scene.bad_spots, 600.0, 4.0), rng
    )
    add_carriers(scene, carriers, rng)
    add_tenancies(scene, carriers, shops, rng)
    return carriers


def _shop_histories(scene: Scene, shops: list[Shop], stories: list[str], staff: list[str]) -> None:
    permits, visits = scene.rng(20), scene.rng(21)
    for shop, story in zip(shops, stories, strict=True):
        who = Licensee(shop.place, shop.category, shop.uscc, shop.fields, story)
        add_permits(scene, who, required_kinds(shop.category, shop.fields), permits)
        add_visits(scene, Visited("shops", shop.place, shop.category, shop.fields, story), staff, visits)


def _nights(scene: Scene) -> None:
    rng = scene.rng(18)
    sites = choose_sites(scene, rng)
    add_sites(scene, sites, rng)
    for site in sites:
        add_night_work(scene, site, rng)


def _cases(scene: Scene, shops: list[Shop], stories: list[str], breakfast: list[int]) -> None:
    rng = scene.rng(22)
    for shop, story in zip(shops, stories, strict=True):
        if story in {"complaint", "case_overdue"}:
            kind = "complaint" if rng.random() < 0.7 else "alert" if rng.random() < 0.6 else "task"
            add_open_case(scene, shop.place, kind, rng, overdue=story == "case_overdue")
        elif story in {"failed", "missing", "expired"} and rng.random() < 0.35:
            add_open_case(scene, shop.place, "alert", rng)
    known = [shop.place for shop, story in zip(shops, stories, strict=True) if story != "unknown"]
    add_closed_cases(scene, known + breakfast, CLOSED_CASES, rng)


def _merchant(shops: list[Shop], stories: list[str]) -> str:
    """Return the USCC of a street shop with breakfast and an inspection to mend, for the merchant's account."""
    wanted = ("conditional", "expiring_30", "due_soon", "")
    fit = [
        (wanted.index(story), shop.place, shop.uscc)
        for shop, story in zip(shops, stories, strict=True)
        if shop.mall < 0 and shop.chain < 0 and shop.fields["breakfast"] and story in wanted
    ]
    return min(fit)[2]


def _managed(carriers: list[Carrier]) -> int:
    """Return the number of a tower with zombie addresses, for the property manager's account."""
    towers = [c for c in carriers if c.kind == "tower" and c.zombies in {"many", "some", "most"}]
    return max(towers, key=lambda carrier: len(carrier.units)).building
