"""The rival in the browser: a page without an engine, every place as GeoJSON through one callback.

Run as a program with DATABASE_URL and a port; `/` shows all places, `/?empty` the map alone.
"""

from __future__ import annotations

import os
import sys

import dash_leaflet as dl
from dash import Dash, Input, Output, dcc, html

from data.bench import all_as_geojson
from data.db import make_engine

CENTRE, ZOOM = (31.2, 121.47), 11


def build(url: str) -> Dash:
    """Return the page over a database."""
    connections = make_engine(url, pool_size=1)
    page = Dash("naive")
    points = dl.GeoJSON(id="points", cluster=True)
    the_map = dl.Map([points], center=CENTRE, zoom=ZOOM, style={"height": "100vh"})
    page.layout = html.Div([dcc.Location(id="address"), the_map])

    def show(search: str | None) -> object:
        if search:
            return {"type": "FeatureCollection", "features": []}
        with connections.connect() as connection:
            return all_as_geojson(connection)

    page.callback(Output("points", "data"), Input("address", "search"))(show)
    return page


if __name__ == "__main__":
    build(os.environ["DATABASE_URL"]).run(host="127.0.0.1", port=sys.argv[1])
