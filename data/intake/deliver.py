"""A file becomes places, permits and inspections in one transaction, or nothing happens at all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import Connection, Engine

from data.areas import area_names, load_areas
from data.db import set_actor
from data.intake.batch import Batch, Ready
from data.intake.errors import DoubtfulDatumError, IntakeError, MissingDatumError
from data.intake.mapping import Plan, make_plan
from data.intake.outcome import Counts, Delivery, Rejected
from data.intake.own import check_datum, unguard
from data.intake.positions import MISSING, Locator
from data.intake.readers import Row, Table, open_table
from data.intake.report import write_report
from data.intake.sheet import Sheet
from data.intake.values import clean
from data.status import judge_places
from data.store import delivery as sql
from data.store import delivery_records as record_sql
from data.store.audit import record
from geo.datum import Datum
from layers.core.rent import MONTHS
from layers.core.spec import Layer
from layers.core.text import Text

Progress: TypeAlias = Callable[[int, int | None], None]

CHUNK: Final = 5_000
JUDGED_AT_ONCE: Final = 5_000
GENERATED: Final = "demo"  # the demo city removes and remakes what bears this source


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller wants done with a file beyond reading it."""

    layer: Layer
    datum: Datum
    actor: str
    at: datetime
    dry_run: bool
    report: Path | None
    progress: Progress | None
    accept_doubts: bool
    month_days: float
    judge: bool


def explain_missing_datum(layer: Layer, path: Path) -> Text:
    """Return why a file is refused whose datum nobody stated, and what to do."""
    return Text(
        f"{path.name}：请用 --datum 说明坐标系：wgs84、cgcs2000、gcj02 或 bd09。"
        "文件本身看不出坐标系，猜错则所有点位都会偏移：在上海，GCJ-02 与 WGS-84 相差 480-490 米，"
        "有几个街区之远。wgs84：GPS、OpenStreetMap；cgcs2000：测绘成果、天地图；gcj02：高德、腾讯等"
        "公开地图；bd09：百度。不清楚时请询问文件的制作方，或用 --dry-run 预演：文件中写有行政区的，"
        "与坐标系不符就不予导入。"
        f"例如：yiping import {layer.id} {path.name} --datum gcj02",
        f"{path.name}: say in which datum its coordinates are, with --datum wgs84, cgcs2000, gcj02 or bd09. "
        "A file does not show it, and a wrong guess moves every place: in Shanghai GCJ-02 lies "
        "480-490 m from "
        "WGS-84, several blocks. wgs84: GPS, OpenStreetMap. cgcs2000: surveys, Tianditu. gcj02: "
        "Amap, Tencent "
        "and other published maps. bd09: Baidu. If you do not know, ask who made the file, or try --dry-run: "
        "where the file names districts, one that does not fit them is refused. "
        f"Example: yiping import {layer.id} {path.name} --datum gcj02",
    )


def import_file(  # noqa: PLR0913 (one question each, all by name)
    engine: Engine,
    layer: Layer,
    path: Path,
    datum: Datum | None,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
    dry_run: bool = False,
    report: Path | None = None,
    accept_doubts: bool = False,
    month_days: float = MONTHS["30"],
    judge: bool = True,
    actor: str,
    at: datetime,
    progress: Progress | None = None,
) -> Delivery:
    """Take a file into a layer and judge the places it changes, in one transaction.

    `mapping` is field -> column where the headers do not say it; `source` is the namespace of the file's ids
    (the city's licence numbers have one of their own, other files that of their name). `at` is aware: the
    moment of the import and of the judgement. `month_days` turns rents by the month into rents by the day.
    `judge`: False leaves the new places to `data.status.follow_rules`, which judges what never was.
    `report` receives the rejected rows as CSV. `progress` hears the rows read and about how many there are.
    Raises IntakeError (MissingDatumError without a datum, DoubtfulDatumError where the file's own districts
    speak against it, unless `accept_doubts`); then nothing has changed.
    """
    if datum is None:
        raise MissingDatumError(explain_missing_datum(layer, path))
    table = open_table(path)
    located = {"lon": table.columns[0], "lat": table.columns[1]} if table.located else {}
    plan = make_plan(layer, table.columns, located | dict(mapping or {}), path.name)
    delivery = Delivery(layer.id, _source(source, plan, path), dry_run=dry_run)
    request = Request(
        layer, _datum_of(table, datum), actor, at, dry_run, report, progress, accept_doubts, month_days, judge
    )
    with engine.connect() as connection, connection.begin() as transaction:
        _deliver(connection, table, plan, delivery, request)
        if dry_run:
            transaction.rollback()
    return delivery


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles away: rows make none, and it walks all that the process knows again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _deliver(connection: Connection, table: Table, plan: Plan, delivery: Delivery, request: Request) -> None:
    """Do everything inside the transaction; the report is written last, when nothing else can fail."""
    stated = frozenset({*plan.place, *_implied(request.layer, plan)})
    parcel = sql.Parcel(request.layer, delivery.source, plan.records, stated, plan.own)
    set_actor(connection, request.actor)
    sql.one_at_a_time(connection, parcel)
    locator = _locator(connection, request.datum)
    with uncollected():
        _stage(connection, parcel, plan, table, locator, delivery, request)
    delivery.warnings = _doubts(locator, table, accepted=request.accept_doubts)
    about = {"file_name": table.path.name, "sha256": table.sha256, "datum": request.datum.value}
    file_id = sql.open_file(
        connection, parcel, about | {"imported_at": request.at, "imported_by": request.actor}
    )
    touched = _write(connection, parcel, plan, delivery, file_id, request.at)
    if touched and request.judge and not request.dry_run:
        delivery.judged = _judge(connection, touched, request.at)
    _account(connection, delivery, file_id, request.actor, about)
    if request.report is not None:
        write_report(request.report, plan.columns, delivery.rejected)


def _implied(layer: Layer, plan: Plan) -> set[str]:
    """Return the fields that follow from a choice which the file states."""
    fields = [field for field in layer.fields if field.name in plan.place]
    return {name for field in fields for choice in field.choices for name in choice.implies}


def _doubts(locator: Locator, table: Table, *, accepted: bool) -> list[Text]:
    """Return what speaks against the datum; raises DoubtfulDatumError where that is grave and not accepted."""
    doubt = locator.doubt()
    if doubt is None:
        return []
    if not doubt.grave or accepted:
        return [doubt.words]
    name = table.path.name
    raise DoubtfulDatumError(
        Text(
            f"{name}：没有导入。{doubt.words.zh}确认无误时，加 --accept-doubts 仍可导入。",
            f"{name} is not taken in. {doubt.words.en} If it is right all the same, add --accept-doubts.",
        )
    )


def _source(source: str | None, plan: Plan, path: Path) -> str:
    """Return the namespace of the ids of a file: as stated, the city's register, or the name of the file."""
    chosen = clean(source if source is not None else plan.namespace or path.name.split(".")[0])
    if not chosen or chosen == GENERATED:
        raise IntakeError(
            Text(
                f"{path.name}：“{chosen}”不能作为文件的来源名，演示城市的数据以“{GENERATED}”为名；"
                "请用 --source 另选。",
                f"{path.name}: {chosen!r} cannot be the source of a file, the demo city keeps its own rows under "
                f"{GENERATED!r}; choose another with --source.",
            )
        )
    return chosen


def _datum_of(table: Table, datum: Datum) -> Datum:
    """Return the datum the table's coordinates are in once plane coordinates have become degrees."""
    if not table.projected:
        return datum
    if datum not in (Datum.WGS84, Datum.CGCS2000):
        raise IntakeError(
            Text(
                f"{table.path.name}：文件采用投影坐标系，而 {datum.value} 不会是投影坐标；"
                "请用 --datum wgs84 导入，或改以经纬度导出。",
                f"{table.path.name}: the file is in a projected coordinate system, which {datum.value} never is; "
                "import it with --datum wgs84, or export it in degrees.",
            )
        )
    return Datum.WGS84


def _locator(connection: Connection, datum: Datum) -> Locator:
    return Locator(datum, load_areas(connection, 6), load_areas(connection, 9), area_names(connection))


def _stage(
    connection: Connection,
    parcel: sql.Parcel,
    plan: Plan,
    table: Table,
    locator: Locator,
    delivery: Delivery,
    request: Request,
) -> None:
    """Read the file in chunks into staging tables, and settle which rows have no position at all."""
    sql.stage(connection, parcel.layer)
    record_sql.stage_records(connection)
    batch = Batch(parcel.layer, plan, locator, request.month_days, parcel.source)
    rows = _own_rows(table, plan, request.datum) if plan.own else iter(table.rows)
    with closing(
        _sent(connection, plan, batch, rows)
    ) as sent:  # whoever stops it waits for what is on its way
        for read in sent:
            delivery.read += read
            if request.progress:
                request.progress(
                    delivery.read, max(table.expected, delivery.read) if table.expected else None
                )
    if request.progress:
        request.progress(delivery.read, delivery.read)
    unplaced = sql.unplaced_rows(connection, parcel)
    rejected = [*batch.rejected, *(Rejected(number, MISSING, batch.unplaced[number]) for number in unplaced)]
    delivery.rejected = sorted(rejected, key=lambda row: row.row_number)
    delivery.permits.rejected, delivery.inspections.rejected = (
        batch.unreadable_permits,
        batch.unreadable_inspections,
    )


def _sent(connection: Connection, plan: Plan, batch: Batch, rows: Iterator[Row]) -> Generator[int]:
    """Send rows chunk by chunk: the database takes one while the next is made ready. Yields the rows read of each."""
    with ThreadPoolExecutor(1) as sender:
        sent: Future[None] | None = None
        while chunk := list(islice(rows, CHUNK)):
            sheet = Sheet(plan, chunk)
            batch.take(sheet, batch.locate(sheet))
            if sent:
                sent.result()
            sent = sender.submit(_send, connection, batch.ready)
            yield len(chunk)
        if sent:
            sent.result()


def _send(connection: Connection, ready: Ready) -> None:
    sql.add_rows(connection, ready.places)
    record_sql.add_permits(connection, ready.permits, ready.nights)
    record_sql.add_inspections(connection, ready.inspections)


def _own_rows(table: Table, plan: Plan, datum: Datum) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of an export of ours as they were before it was written; raises for another datum."""
    at = plan.place["datum"]
    for number, cells in table.rows:
        check_datum({number: cells[at]}, datum, table.path.name)
        yield number, [unguard(cell) for cell in cells] if table.is_text else cells


def _write(
    connection: Connection, parcel: sql.Parcel, plan: Plan, delivery: Delivery, file_id: int, at: datetime
) -> list[int]:
    """Write what is new; returns the ids of the places that changed or got or changed a record."""
    counts = sql.match(connection, parcel)
    delivery.inserted, delivery.updated = counts.get("inserted", 0), counts.get("updated", 0)
    delivery.unchanged = counts.get("unchanged", 0)
    delivery.merged = delivery.read - sum(counts.values()) - len(delivery.rejected)
    delivery.flagged = sql.flag_counts(connection)
    if (
        plan.namespace is None and not plan.own
    ):  # of one file among several, or of what was filtered, it says nothing
        delivery.absent = sql.absent(connection, parcel)
    touched = set(sql.write_places(connection, parcel, counts, file_id, at))
    if plan.permit:
        derived = {"valid_from", "valid_to"} if "starts_at" in plan.permit else set()
        derived |= {"valid_from"} if "issued_on" in plan.permit else set()
        touched |= _count(
            delivery.permits,
            record_sql.write_permits(connection, parcel, frozenset({*plan.permit, *derived})),
        )
    if plan.inspection:
        touched |= _count(
            delivery.inspections, record_sql.write_inspections(connection, parcel, frozenset(plan.inspection))
        )
    return sorted(touched)


def _count(counts: Counts, written: tuple[dict[str, int], set[int]]) -> set[int]:
    done, touched = written
    counts.inserted, counts.updated, counts.unchanged = done["inserted"], done["updated"], done["unchanged"]
    return touched


def _account(
    connection: Connection, delivery: Delivery, file_id: int, actor: str, about: Mapping[str, str]
) -> None:
    """Keep the counts and the rejected rows, and who brought the file."""
    counts = {name: getattr(delivery, name) for name in ("read", "inserted", "updated", "unchanged")}
    rejected = [
        (row.row_number, f"{row.reason.zh} / {row.reason.en}", dict(row.raw)) for row in delivery.rejected
    ]
    sql.close_file(connection, file_id, counts, rejected)
    details = {
        **about,
        **counts,
        "merged": delivery.merged,
        "rejected": len(rejected),
        "source": delivery.source,
    }
    details |= {"doubts": [doubt.en for doubt in delivery.warnings]} if delivery.warnings else {}
    details |= {"permits": asdict(delivery.permits), "inspections": asdict(delivery.inspections)}
    record(connection, actor, "import", f"layer {delivery.layer}", details)


def _judge(connection: Connection, place_ids: list[int], at: datetime) -> int:
    starts = range(0, len(place_ids), JUDGED_AT_ONCE)
    return sum(judge_places(connection, place_ids[start : start + JUDGED_AT_ONCE], at) for start in starts)
