"""A supervisor's colleague sends a file, sees what it would do, chooses a column, and takes it in."""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, create_engine, text

from data.areas import area_names, load_areas
from data.cluster import Server
from data.jobs import make_worker
from geo.datum import Datum, from_wgs84
from tests.e2e.conftest import keep, phone, serving, sign_in
from tests.small_city import SmallCity

pytestmark = pytest.mark.e2e
HEADER = ("编号", "叫什么", "地址", "区", "业态", "lon", "lat")


class Site:
    """An application with a worker of its own, and a file for it."""

    def __init__(self, base: str, url: str, home: Path) -> None:
        self.base, self.url, self.home = base, url, home
        self.file = home / "门店.csv"
        self._write(create_engine(url))

    def _write(self, engine: Engine) -> None:
        """Write shops all over the city, in GCJ-02, one without a position; nothing calls itself a name."""
        rng = np.random.default_rng(3)
        lon, lat = rng.uniform(121.2, 121.7, 600), rng.uniform(31.05, 31.4, 600)
        with engine.connect() as connection:
            names, codes = area_names(connection), load_areas(connection, 6).locate(lon, lat)
        x, y = from_wgs84(lon, lat, Datum.GCJ02)
        rows = [
            [f"S{n}", f"甜水铺{n}", f"某路{n}号", names[code], "火锅店", f"{x[n]:.9f}", f"{y[n]:.9f}"]
            for n, code in enumerate(codes)
            if code
        ]
        with self.file.open("w", encoding="gb18030", newline="") as stream:
            csv.writer(stream).writerows(
                [HEADER, *rows, ["S9999", "无处可寻", "某路", "徐汇区", "火锅店", "", ""]]
            )
        self.rows = len(rows) + 1
        engine.dispose()

    def work(self) -> None:
        """Do what the worker was asked for, in a thread, for a browser's loop is in this one."""
        worker = make_worker(self.url, self.home)
        thread = threading.Thread(target=lambda: worker.run_worker(wait=False))
        thread.start()
        thread.join(120)
        assert not thread.is_alive()

    def places(self) -> int:
        """Count the places of the file."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT count(*) FROM place WHERE name LIKE '甜水铺%'"))
        engine.dispose()
        return int(found or 0)


@contextmanager
def _site(server: Server, template: str, home: Path) -> Iterator[Site]:
    urls: list[str] = []

    def remember(engine: Engine, _city: SmallCity) -> None:
        urls.append(engine.url.render_as_string(hide_password=False))

    with serving(server, template, home, remember) as (base, _):
        yield Site(base, urls[0].replace("+psycopg2", ""), home)


@pytest.fixture
def site(server: Server, template: str, tmp_path: Path) -> Iterator[Site]:
    """An application of a test alone, for it takes files in."""
    with _site(server, template, tmp_path) as there:
        yield there


def send(page: Page, site: Site) -> None:
    """Choose the file, as a person does."""
    page.goto(f"{site.base}/deliveries")
    with page.expect_file_chooser() as chooser:
        page.click("#delivery-file")
    chooser.value.set_files(site.file)
    page.wait_for_url(re.compile(r"/deliveries/\d+$"))


def test_from_a_file_to_places_on_the_map(page: Page, browser: Browser, site: Site) -> None:
    sign_in(page, site.base, "supervisor")
    send(page, site)
    expect(page.locator(".delivery-stage")).to_have_text("等待检查")
    site.work()
    expect(page.locator(".delivery-stage")).to_have_text("未通过")  # by itself, without a reload
    expect(page.locator(".delivery-fault")).to_contain_text("请在下表中选择")
    expect(page.get_by_role("button", name="确认入库")).to_have_count(0)
    row = page.locator(".delivery-columns tbody tr", has_text="叫什么")
    expect(row).to_contain_text("甜水铺0")
    row.locator(".dash-dropdown").click()
    page.get_by_role("option", name="名称", exact=True).click()
    page.get_by_role("button", name="按下面的选择再检查").click()
    expect(page.locator(".delivery-stage")).to_have_text("等待检查")
    site.work()
    expect(page.locator(".delivery-stage")).to_have_text("已检查，待确认")
    expect(page.locator(".delivery-datum")).to_contain_text("文件显示为 GCJ-02")
    expect(page.get_by_label("GCJ-02")).to_be_checked()
    expect(page.locator(".delivery-counts .inserted")).to_contain_text(f"{site.rows - 1}")
    expect(page.locator(".delivery-lines.rejected")).to_contain_text("缺少坐标")
    keep(page, "delivery-checked")
    assert site.places() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这些行").click()
    assert "无处可寻" in download.value.path().read_text("utf-8-sig")
    page.get_by_role("button", name="确认入库").click()
    expect(page.locator(".delivery-stage")).to_have_text("等待入库")
    site.work()
    expect(page.locator(".delivery-stage")).to_have_text("已入库")
    assert site.places() == site.rows - 1
    with phone(browser) as small:
        sign_in(small, site.base, "supervisor")
        small.goto(page.url)
        expect(small.locator(".delivery-counts .inserted")).to_be_visible()
        assert small.evaluate("document.documentElement.scrollWidth") <= 390
        keep(small, "delivery-phone")


def test_a_refusal_is_said_where_the_file_was_dropped(page: Page, site: Site) -> None:
    sign_in(page, site.base, "supervisor")
    site.file.write_bytes(b"")
    page.goto(f"{site.base}/deliveries")
    with page.expect_file_chooser() as chooser:
        page.click("#delivery-file")
    chooser.value.set_files(site.file)
    expect(page.locator("#delivery-sending .delivery-fault")).to_contain_text("文件是空的")


def test_work_is_stopped_and_a_file_is_given_up(page: Page, site: Site) -> None:
    sign_in(page, site.base, "supervisor")
    send(page, site)
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".delivery-progress")).to_contain_text("正在停止")
    site.work()
    expect(page.locator(".delivery-stage")).to_have_text("未通过")
    page.get_by_role("button", name="放弃并删除文件").click()
    expect(page.locator(".delivery-stage")).to_have_text("已放弃")
    assert list((site.home / "incoming").iterdir()) == []
