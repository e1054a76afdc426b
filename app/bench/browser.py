"""The product in a real browser: how soon a picture is there, how a filter and a hand on the map feel."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx

from app.bench.product import PORT, Product, wait_for
from app.bench.table import Row, measured
from app.child import Child
from app.settings import REPOSITORY
from layers.core.errors import YipingError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Page

LOADS = 7
CLICKS = 20
PANS = 12
MOST_NAIVE = 100_000  # more freezes the browser for minutes
_NAIVE_PORT = PORT + 1
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

# Milliseconds from the start of the navigation until the picture of the map is painted.
_PICTURE_AT = """async (mark) => {
  const at = () => performance.getEntriesByName(mark).at(-1);
  while (!at()) await new Promise(requestAnimationFrame);
  return at().startTime;
}"""
_EMPTY_AT = """async () => {
  const there = () => document.querySelector('.leaflet-map-pane');
  while (!there()) await new Promise(requestAnimationFrame);
  return performance.now();
}"""
_MARKERS_AT = """async () => {
  while (!document.querySelector('.leaflet-marker-icon')) await new Promise(requestAnimationFrame);
  return performance.now();
}"""
# Milliseconds from a click until the frame that shows its picture.
_AFTER_CLICK = """([selector, mark]) => new Promise((done) => {
  const button = document.querySelector(selector);
  performance.clearMarks(mark);
  let began = 0;
  button.addEventListener('click', (event) => { began = event.timeStamp; }, { once: true, capture: true });
  const look = () => {
    const there = performance.getEntriesByName(mark).at(-1);
    if (began && there) requestAnimationFrame((now) => done(Math.max(now, there.startTime) - began));
    else requestAnimationFrame(look);
  };
  look();
  button.click();
})"""
_QUIET = """(id) => window.yiping.maps[id].debug().pending === 0 && !document.querySelector('[data-dash-is-loading]')"""
# Lengths of the frames, ms, while a hand drags the map.
_FRAMES = """() => { const lengths = (window.frames_ = []); let last = performance.now();
  const frame = (now) => { lengths.push(now - last); last = now; window.framing_ = requestAnimationFrame(frame); };
  window.framing_ = requestAnimationFrame(frame); }"""


@dataclass(frozen=True, slots=True)
class Browser:
    """The measurements of one size; `url` is its database."""

    count: int
    product: Product
    url: str

    def screen(self) -> list[Row]:
        """Picture, memory, filter and panning on `/ops`; and the page without an engine, while that is possible."""
        with _chromium(self.product) as context:
            rows = [*self._first_picture(context), self._filter(context), self._panning(context)]
            return rows + (self._naive(context) if self.count <= MOST_NAIVE else [])

    def _first_picture(self, context: BrowserContext) -> list[Row]:
        full, empty = (
            [
                self._load(context, f"{self.product.base}/ops?layers={layers}", _PICTURE_AT)
                for _ in range(LOADS)
            ]
            for layers in ("shops", "none")
        )
        row = _beyond("first picture beyond an empty map", self.count, full[1:], empty[1:])
        unknown = full[0][0] - empty[0][0]
        return [replace(row, note=f"{row.note}; an address never opened before {unknown:+,.0f} ms")]

    def _load(self, context: BrowserContext, address: str, until: str) -> tuple[float, float]:
        """How long a page takes, ms, and its JavaScript heap afterwards, MB."""
        page = context.new_page()
        page.goto(address, wait_until="commit")
        took = float(page.evaluate(until, "yiping-picture"))
        heap = _heap_mb(context.new_cdp_session(page))
        page.close()
        return took, heap

    def _filter(self, context: BrowserContext) -> Row:
        page = self._open(context)
        took = []
        for number in range(CLICKS):
            tier = ("red", "orange", "yellow")[number % 3]
            selector = f'button.kpi[data-value="{tier}"]'
            page.wait_for_selector(selector)
            pressed = page.get_attribute(selector, "aria-pressed")
            took.append(float(page.evaluate(_AFTER_CLICK, [selector, "yiping-picture"])))
            page.wait_for_selector(f"{selector}:not([aria-pressed={pressed}])")
            page.wait_for_function(_QUIET, arg="ops-map")
        page.close()
        return measured("filter click to repaint", self.count, took)

    def _panning(self, context: BrowserContext) -> Row:
        page = self._open(context)
        page.evaluate(_FRAMES)
        for number in range(PANS):
            aside = 300 if number % 2 else -300
            page.mouse.move(960, 540)
            page.mouse.down()
            page.mouse.move(960 + aside, 540 + aside / 3, steps=30)
            page.mouse.up()
        lengths: list[float] = page.evaluate(
            "() => { cancelAnimationFrame(window.framing_); return window.frames_; }"
        )
        page.close()
        return replace(
            measured("frames while panning", self.count, lengths[1:]), note="16.7 ms are 60 frames/s"
        )

    def _open(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(f"{self.product.base}/ops")
        page.evaluate(_PICTURE_AT, "yiping-picture")
        page.wait_for_function(_QUIET, arg="ops-map")
        return page

    def _naive(self, context: BrowserContext) -> list[Row]:
        command = [sys.executable, "-m", "app.bench.naive", str(_NAIVE_PORT)]
        log = self.product.home / "naive.log"
        server = Child("naive", command, folder=REPOSITORY, environment={"DATABASE_URL": self.url}, log=log)
        server.start()
        try:
            base = f"http://127.0.0.1:{_NAIVE_PORT}"
            with httpx.Client(base_url=base, timeout=60) as client:
                wait_for(client, "/", server)
            full = [self._load(context, base, _MARKERS_AT) for _ in range(3)]
            empty = [self._load(context, f"{base}/?empty", _EMPTY_AT) for _ in range(3)]
        finally:
            server.stop()
        return [_beyond("the same without an engine", self.count, full, empty)]


def _beyond(
    question: str, count: int, full: list[tuple[float, float]], empty: list[tuple[float, float]]
) -> Row:
    """What places add to a page: milliseconds, and megabytes of heap in the note."""
    base_ms, base_mb = (median(part) for part in zip(*empty, strict=True))
    row = measured(question, count, [took - base_ms for took, _heap in full])
    heap_mb = median(heap for _took, heap in full) - base_mb
    return replace(row, note=f"empty page {base_ms:,.0f} ms; heap {heap_mb:+.1f} MB")


def _heap_mb(session: CDPSession) -> float:
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(usage["usedSize"]) / 2**20


@contextmanager
def _chromium(product: Product) -> Iterator[BrowserContext]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise YipingError("There is no Chromium for `screen`: install it (Debian: apt install chromium).")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise YipingError("`screen` needs Playwright: install it into this environment (pip).") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        context = browser.new_context(viewport={"width": 1920, "height": 1080})
        context.add_cookies(
            [
                {"name": name, "value": value, "url": product.base}
                for name, value in product.client.cookies.items()
            ]
        )
        yield context
        browser.close()
