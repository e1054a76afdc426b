"""The `yiping` command."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from app.database import database_url
from app.settings import Settings
from app.speech import fault, spoken, terminal_language
from data.cluster import available
from data.db import Engine, open_engine
from geo.datum import Datum, parse_datum
from layers.core.citytime import read_iso
from layers.core.errors import YipingError
from layers.core.text import Text

if TYPE_CHECKING:
    from data.city import City
    from data.due import DueLists
    from data.store.due import DueFilter
    from layers.core.access import Viewer

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Yiping: one screen that shows a city, and acts on it."
)
user_cli = typer.Typer(no_args_is_help=True, help="People who may sign in.")
cli.add_typer(user_cli, name="user")
console = Console(stderr=True)
_MOMENT = "A moment such as 2026-11-23T22:00, the city's time without an offset (+08:00); now if left out."
Moment = Annotated[str, typer.Option("--as-of", help=_MOMENT)]


def main() -> None:
    """Run the command; a fault a person can mend is one sentence and exit status 1."""
    try:
        cli()
    except Exception as error:
        if (words := fault(error)) is None:
            raise
        console.print(spoken(words), style="bold red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@cli.command()
def up() -> None:
    """Start everything: database, migrations, demo city, web workers and the background worker."""
    from app.supervise import up as start

    sys.exit(start())


@cli.command()
def serve() -> None:
    """Serve the web application alone, in this process."""
    import uvicorn

    settings = Settings()
    _ = settings.secret_key  # refused here in a sentence, before a server starts
    uvicorn.run("asgi:app", host=settings.host, port=settings.port)


@cli.command()
def worker() -> None:
    """Work in the background: turn statuses at the right minute."""
    from data.jobs import work

    settings = Settings()
    work(database_url(settings), settings.home, settings.rent_month_days)


@cli.command()
def migrate() -> None:
    """Bring the database to the present shape."""
    from data.migrate import upgrade

    settings = Settings()
    with available(settings.home, settings.database_url, log=_log(settings)) as url:
        upgrade(url)


@cli.command()
def demo(
    size: Annotated[str, typer.Option(help="district, city, or a number of places")] = "district",
    remove: Annotated[
        bool, typer.Option("--remove", help="take the invented city and its accounts out")
    ] = False,
) -> None:
    """Build the invented city, or take it out; harmless when it is there, or gone."""
    from data.demo.build import build_demo, take_demo_out

    settings, actor = Settings(), getpass.getuser()
    if remove:
        with _engine() as engine:
            take_demo_out(engine, settings.home, actor)
        typer.echo(spoken(Text("演示城市已移除。", "The demo city is removed.")))
        return
    with _engine() as engine, Progress(console=console) as bar:
        task = bar.add_task("demo", total=None)
        report = build_demo(
            engine,
            size,
            at=datetime.now(UTC),
            home=settings.home,
            actor=actor,
            progress=lambda stage, done, total: bar.update(
                task, description=stage, completed=done, total=total
            ),
        )
    for sentence in report.sentences():
        typer.echo(spoken(sentence))


@cli.command("import")
def import_(
    layer: Annotated[str, typer.Argument(help="shops, breakfast, nights, buildings or offices")],
    file: Path,
    datum: Annotated[str | None, typer.Option(help="wgs84, gcj02, bd09 or cgcs2000")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, may be repeated")] = None,
    source: Annotated[
        str | None, typer.Option(help="whose numbers these are; the file's name if left out")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would happen and change nothing")
    ] = False,
    accept_doubts: Annotated[
        bool, typer.Option("--accept-doubts", help="load it although its districts speak against the datum")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="write rejected rows and their reasons here")] = None,
) -> None:
    """Read a file into a layer: places, permits and inspections, each row accounted for."""
    from data.intake.deliver import explain_missing_datum, import_file
    from data.tables import registry

    chosen = registry[layer]
    mapping = dict(_pair(words) for words in map_ or [])
    if datum is None:
        raise YipingError(explain_missing_datum(chosen, file))
    known: Datum = parse_datum(datum)
    if not file.is_file():
        raise YipingError(
            Text(f"{file}：没有这个文件；请核对路径。", f"{file}: there is no such file; check the path.")
        )
    with _engine() as engine, Progress(console=console) as bar:
        task = bar.add_task(file.name, total=None)
        delivery = import_file(
            engine,
            chosen,
            file,
            known,
            mapping=mapping,
            source=source,
            dry_run=dry_run,
            report=report,
            accept_doubts=accept_doubts,
            month_days=Settings().rent_month_days,
            actor=getpass.getuser(),
            at=datetime.now(UTC),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    for sentence in delivery.sentences():
        typer.echo(spoken(sentence))


@cli.command()
def export(
    layer: Annotated[str, typer.Argument(help="shops, breakfast, nights, buildings or offices")],
    file: Annotated[
        Path, typer.Argument(help="FILE.csv, FILE.xlsx, FILE.geojson, FILE.gpkg or FILE.parquet")
    ],
    filter_: Annotated[
        list[str] | None,
        typer.Option("--filter", help="NAME=VALUE as the API has it, such as tier=red; may be repeated"),
    ] = None,
    datum: Annotated[str, typer.Option(help="wgs84, gcj02, bd09 or cgcs2000")] = "wgs84",
    encoding: Annotated[str, typer.Option(help="of a csv: utf-8 or gb18030")] = "utf-8",
    header: Annotated[
        str, typer.Option(help="name: names of fields and codes, which an import reads; label: words")
    ] = "name",
) -> None:
    """Write what is filtered of a layer to a file, all of it or nothing."""
    from app.export_command import write_export

    with _city() as city:
        asked = [*(_filter(words) for words in filter_ or []), ("datum", parse_datum(datum))]
        asked += [("encoding", encoding), ("header", header)]
        n = write_export(city, layer, file, asked, getpass.getuser(), terminal_language(os.environ))
    typer.echo(spoken(Text(f"{file}：已写入 {n:,} 行。", f"{file}: {n:,} rows written.")))


@cli.command()
def recompute(as_of: Moment = "") -> None:
    """Judge every place again; broken off, the same command goes on where it stopped."""
    from data.recompute import recompute as judge_all

    with _engine() as engine, Progress(console=console) as bar:
        task = bar.add_task("recompute", total=None)
        done = judge_all(
            engine,
            _moment(as_of),
            progress=lambda judged, total: bar.update(task, completed=judged, total=total),
            actor=getpass.getuser(),
            exactly=bool(as_of),
        )
    typer.echo(spoken(done.sentence()))


@cli.command()
def due(
    day: Annotated[str, typer.Option(help="read the list of this day instead, such as 2026-11-23")] = "",
    export: Annotated[Path | None, typer.Option(help="write the list here: FILE.csv or FILE.xlsx")] = None,
) -> None:
    """Make the inspection list of today, or read that of a day; what is due within 30 days."""
    from data.due import DueLists
    from data.store.due import DueFilter
    from layers.core.access import Role, Viewer

    wanted, form = DueFilter(day=_date(day) if day else None), _form(export) if export else ""
    # Who holds the database holds the whole city; the record names the user of the system.
    viewer = Viewer(Role.SUPERVISOR, name=getpass.getuser())
    with _engine() as engine:
        lists = DueLists(engine, lambda: datetime.now(UTC), lambda: None)
        if wanted.day is None:
            lists.make(viewer)
        answer = lists.read(wanted, viewer, limit=1)
        if export:
            _write_list(lists, wanted, viewer, export, form)
    shown, n = answer["list"]["day"], answer["total"]
    typer.echo(
        spoken(Text(f"{shown} 待检查清单：共 {n:,} 处。", f"Inspection list of {shown}: {n:,} places."))
    )


@cli.command()
def explain(
    place: Annotated[str, typer.Argument(help="its number: the end of the address of its card, place=…")],
    as_of: Moment = "",
) -> None:
    """Print the facts of a place, the rules that apply and the verdict."""
    from app.explain import words_of
    from data.explain import explain as explanation

    if not (place.isascii() and place.isdigit() and int(place) < 2**63):
        raise YipingError(
            Text(f"没有点位“{place}”：请给出编号。", f"There is no place {place!r}: give its number.")
        )
    with _engine() as engine:
        known = explanation(engine, int(place), _moment(as_of))
    typer.echo(words_of(known, terminal_language(os.environ)))


@cli.command()
def rules(
    withdraw: Annotated[
        int | None,
        typer.Option(
            help="take back this change, also one in force that the rules of a new version do not fit"
        ),
    ] = None,
) -> None:
    """List the changes made to the rules, or withdraw one and judge the places again."""
    from data.rulebook import take_back
    from data.status import follow_rules
    from data.store.rule_changes import listed

    now = datetime.now(UTC)
    with _engine() as engine:
        if withdraw is not None:
            take_back(engine, withdraw, getpass.getuser(), now, after=date.min)
            typer.echo(f"{follow_rules(engine, now)} places judged")
        with engine.connect() as connection:
            for row in listed(connection):
                row["rule"] = f"{row['layer']}/{row['rule_id']}/{row['city']}"
                shown = ("id", "rule", "valid_from", "created_by", "why", "withdrawn_by")
                typer.echo(json.dumps({name: row[name] for name in shown}, ensure_ascii=False, default=str))


@cli.command()
def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="map, crowd, text, facets, nearest, engine, live, build, memory, screen, tiles, intake; all if none"
        ),
    ] = None,
    size: Annotated[list[int] | None, typer.Option(help="how many places; may be repeated")] = None,
    rows: Annotated[
        list[int] | None, typer.Option(help="how many rows a file for intake has; may be repeated")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="write the table here as Markdown")] = None,
) -> None:
    """Measure the map engine and intake against their rivals, on data of their own that is removed afterwards."""
    from app.bench.run import ROWS, SIZES, run
    from app.bench.table import markdown_of, table_of

    settings = Settings()
    with available(settings.home, settings.database_url, log=_log(settings)) as url:
        found = run(
            url, settings.home / "bench", names or [], size or SIZES, console.print, deliveries=rows or ROWS
        )
    Console(width=160).print(table_of(found))
    if write is not None:
        write.write_text(markdown_of(found), "utf-8")


@user_cli.command("add")
def user_add(
    name: str,
    role: Annotated[str, typer.Option()],
    scope: Annotated[
        list[str] | None, typer.Option(help="310104, 310104003, a credit code, or B12; may be repeated")
    ] = None,
) -> None:
    """Create an account; the password is asked for."""
    from data.db import acting
    from data.store.audit import record
    from data.store.users import add_user

    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    actor = getpass.getuser()
    with _engine() as engine, acting(engine, actor) as connection:
        user_id = add_user(connection, name, password, role, scope or [])
        details = {"name": name.strip(), "role": role, "scope": scope or []}
        record(connection, actor, "user_add", f"user:{user_id}", details)
    typer.echo(json.dumps({"name": name, "role": role, "scope": scope or []}))


def _log(settings: Settings) -> Path:
    return settings.home / "logs" / "postgres.log"


@contextmanager
def _engine() -> Iterator[Engine]:
    """Give an engine on the database: the one named, the private one that runs, or that one started meanwhile."""
    settings = Settings()
    with available(settings.home, settings.database_url, log=_log(settings)) as url:
        engine = open_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _city() -> Iterator[City]:
    """Give the city that is in the database."""
    from data.city import City

    with _engine() as engine:
        city = City(engine.url.render_as_string(hide_password=False), lambda: datetime.now(UTC))
        try:
            yield city
        finally:
            city.stop()


def _filter(words: str) -> tuple[str, str]:
    """Read `NAME=VALUE`."""
    name, sign, value = words.partition("=")
    if not sign or not name.strip() or not value:
        raise YipingError(
            Text(
                f"--filter {words}：请写成 --filter 名称=值，例如 --filter tier=red,orange。",
                f"--filter {words}: write it as NAME=VALUE, for example --filter tier=red,orange.",
            )
        )
    return name.strip(), value


def _pair(words: str) -> tuple[str, str]:
    """Read `FIELD=COLUMN`; nothing after the sign leaves the field out."""
    field, sign, column = words.partition("=")
    if not sign or not field.strip():
        raise YipingError(
            Text(
                f"--map {words}：缺少等号前的字段或等号；请写成 --map 字段=列名，例如 --map name=店名。",
                f"--map {words}: a field, an equals sign and a column are wanted; write it as FIELD=COLUMN, for "
                "example --map name=店名.",
            )
        )
    return field.strip(), column


def _date(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise YipingError(
            Text(f"{said!r} 不是日期；请写成 2026-11-23。", f"{said!r} is no day: write it as 2026-11-23.")
        ) from None


def _form(file: Path) -> str:
    """Return the form of a file by the end of its name."""
    from app.sheets import FORMS

    form = file.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise YipingError(
            Text(
                f"{file}：文件名须以 .csv 或 .xlsx 结尾。",
                f"{file}: name a file that ends with .csv or .xlsx.",
            )
        )
    return form


def _write_list(lists: DueLists, wanted: DueFilter, viewer: Viewer, file: Path, form: str) -> None:
    """Write a list to a file, its words in the language of the terminal."""
    from app.due_files import lines_of
    from app.sheets import most_rows

    day, rows = lists.export(wanted, viewer, form, most_rows(form))
    with file.open("wb") as out:
        out.writelines(lines_of(form, day, rows, terminal_language(os.environ)))


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        return read_iso(text)
    except ValueError:
        raise YipingError(
            Text(
                f"{text!r} 不是时间；请写成 2026-11-23T22:00 或 2026-11-23T22:00+08:00。",
                f"{text!r} is no moment: write it as 2026-11-23T22:00 or 2026-11-23T22:00+08:00.",
            )
        ) from None


if __name__ == "__main__":
    main()
