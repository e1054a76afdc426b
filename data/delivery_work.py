"""What the worker does about a delivery: looks at the file, tries it out, and takes it in when it is told to.

Each step ends with one sentence or an account on the delivery's row. A worker that dies leaves the city as it was, for
a file is taken in within one transaction, and the delivery waits for the next worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from data.db import asking
from data.delivery_files import REPORT, folder_of
from data.delivery_tables import Stage
from data.intake.deliver import import_file
from data.intake.errors import DoubtfulDatumError, IntakeError, UnmappedError
from data.intake.evidence import DatumEvidence, datum_evidence, first_rows, samples
from data.intake.mapping import Plan, known_fields, make_plan
from data.intake.outcome import FLAGS, Delivery
from data.intake.readers import Table, open_table
from data.store import deliveries
from data.tables import registry
from geo.datum import Datum
from layers.core.errors import YipingError
from layers.core.text import Text

_LOCK: Final = 7_215_507
_TOLD_EVERY_S: Final = 0.5

DOUBTFUL = Text(
    "文件中写明的行政区与所选坐标系对不上，没有写入任何内容：请看下表换一个坐标系；若确认无误，请勾选“仍按所选坐标系”再检查。",
    "The districts that the file names do not fit the datum; nothing was written. Choose another by the table below, "
    "or, if it is right all the same, say so and check again.",
)
UNMAPPED = Text(
    "有必需的栏目没有认出是哪一列：请在下表中选择后再检查。",
    "No column was recognised for what every place needs: choose them in the table below, and check again.",
)
STOPPED = Text("已按要求停止，没有写入任何内容。", "Stopped as asked; nothing was written.")


class StoppedError(IntakeError):
    """Somebody wants the work stopped."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a worker works with: the database, where files lie, the clock, and how many days a month of rent counts."""

    engine: Engine
    incoming: Path
    clock: Callable[[], datetime]
    month_days: float


def handle(intake: Intake, delivery_id: int) -> None:
    """Do what a delivery waits for, unless another worker is at it."""
    with intake.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        key = {"lock": _LOCK, "id": delivery_id % 2**31}
        if not guard.scalar(text("SELECT pg_try_advisory_lock(:lock, :id)"), key):
            return
        try:
            stage = deliveries.take_up(guard, delivery_id)
            if stage is not None:
                _work(intake, guard, deliveries.read(guard, delivery_id))
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock, :id)"), key)


def _work(intake: Intake, guard: Connection, row: Mapping[str, Any]) -> None:
    """Check a delivery or take it in, and write down what came of it; whatever fails, it never stays under way."""
    told: dict[str, Any] = {name: row[name] for name in ("datum", "mapping", "found")}
    rests = Stage.FAILED
    try:
        path = folder_of(intake.incoming, row["id"]) / row["file_name"]
        if row["stage"] == Stage.CHECKING:
            table = open_table(path)
            told |= _asked(guard, table, row)
            told["found"] = found = _look(intake.engine, table, row["layer"], told["mapping"]) | {
                "like": told["like"]
            }
            told["datum"] = told["datum"] or found["datum"]["shown"]
            if found["missing"]:
                raise IntakeError(UNMAPPED)
        if told["datum"]:
            asked = {**row, **{name: told[name] for name in ("datum", "mapping", "found")}}
            told["account"] = _try_or_take(intake, guard, path, asked)
        rests = Stage.CHECKED if row["stage"] == Stage.CHECKING else Stage.IMPORTED
    except DoubtfulDatumError:
        told["fault"] = DOUBTFUL.as_json()
    except YipingError as error:
        told["fault"] = error.text.as_json()
    except Exception:
        told["fault"] = _UNEXPECTED.as_json()
        raise
    finally:
        deliveries.rest(guard, row["id"], rests, told)


_UNEXPECTED = Text(
    "处理时出错，没有写入任何内容，已记入日志：请再试一次；若仍不行，请告知管理员。",
    "Something failed and is in the log; nothing was written. Try again; if it fails again, tell your administrator.",
)


def _asked(guard: Connection, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the datum and the columns to look at a file with: as somebody chose them, or as the time before.

    `like` tells of the delivery with the same columns that a new one follows, so that nobody chooses twice; its source
    is that of the new one, whatever the file is called: the places are the same.
    """
    if row["found"] is not None:
        return {"datum": row["datum"], "mapping": row["mapping"], "like": row["found"].get("like")}
    before = deliveries.like(guard, row["layer"], table.columns)
    if before is None:
        return {"datum": row["datum"], "mapping": row["mapping"], "like": None}
    like = {name: before[name] for name in ("id", "file_name", "source")}
    return {"datum": before["datum"], "mapping": before["mapping"], "like": like}


def _look(engine: Engine, table: Table, layer_id: str, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Return what the file shows of itself: columns with samples, what they were taken for, its datum."""
    layer = registry[layer_id]
    rows = first_rows(table)
    located = {"lon": table.columns[0], "lat": table.columns[1]} if table.located else {}
    missing: tuple[str, ...] = ()
    try:
        plan = make_plan(layer, table.columns, located | dict(mapping), table.path.name)
    except UnmappedError as error:
        plan, missing = Plan(table.columns, error.known), error.missing
    evidence = DatumEvidence(len(rows), 0, {})
    if plan.place.keys() >= {"lon", "lat"}:
        with asking(engine) as connection:
            evidence = datum_evidence(connection, table, plan, rows)
    return {
        "columns": list(table.columns),
        "samples": samples(table.columns, rows),
        "fields": known_fields(layer),
        "plan": _named(table, plan),
        "missing": list(missing),
        "datum": evidence.as_json(),
    }


def _named(table: Table, plan: Plan) -> dict[str, str]:
    """Return field -> column."""
    groups = (("", plan.place), ("permit.", plan.permit), ("inspection.", plan.inspection))
    return {f"{group}{name}": table.columns[at] for group, names in groups for name, at in names.items()}


def _try_or_take(intake: Intake, guard: Connection, path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """Take the file in, or only try it, and return the account of it."""
    delivery = import_file(
        intake.engine,
        registry[row["layer"]],
        path,
        Datum(row["datum"]),
        mapping=row["mapping"],
        source=(row["found"]["like"] or {}).get("source"),
        dry_run=row["stage"] == Stage.CHECKING,
        report=path.parent / REPORT,
        accept_doubts=row["accept_doubts"],
        month_days=intake.month_days,
        actor=row["asked_by"] or row["sent_by"],
        at=intake.clock(),
        progress=_teller(guard, row["id"]),
    )
    return account_of(delivery)


def _teller(guard: Connection, delivery_id: int) -> Callable[[int, int | None], None]:
    """Return what notes progress now and then, and raises `StoppedError` where the work is to be stopped."""
    told = [0.0]

    def tell(read: int, expected: int | None) -> None:
        now = time.monotonic()
        if now - told[0] >= _TOLD_EVERY_S or read == expected:
            told[0] = now
            if not deliveries.go_on(guard, delivery_id, read, expected):
                raise StoppedError(STOPPED)

    return tell


def account_of(delivery: Delivery) -> dict[str, Any]:
    """Return what became of the rows, as kept with the delivery."""
    counts = {
        name: getattr(delivery, name)
        for name in ("read", "inserted", "updated", "unchanged", "merged", "absent")
    }
    reasons: dict[str, dict[str, Any]] = {}
    for row in delivery.rejected:
        kept = reasons.setdefault(
            row.reason.zh, {"reason": row.reason.as_json(), "rows": 0, "first": row.row_number}
        )
        kept["rows"] += 1
    return {
        **counts,
        "rejected": len(delivery.rejected),
        "reasons": sorted(reasons.values(), key=lambda kept: -kept["rows"])[:20],
        "flags": [{"flag": FLAGS[name].as_json(), "rows": n} for name, n in delivery.flagged.most_common()],
        "permits": asdict(delivery.permits),
        "inspections": asdict(delivery.inspections),
        "warnings": [warning.as_json() for warning in delivery.warnings],
        "source": delivery.source,
    }
