"""A callback that fails leaves its traceback in the log of the web server."""

from __future__ import annotations

import logging

import pytest

from tests.app.conftest import SignIn


def test_a_failing_callback_is_logged_with_its_traceback(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    body = {
        "output": '..{"end":"set","field":["ALL"],"type":"offices-filter"}.options'
        '...{"at":"facets","field":"","type":"offices-clear"}.hidden...offices-results.children..',
        "outputs": [
            [],
            {"id": {"type": "offices-clear", "at": "facets", "field": ""}, "property": "hidden"},
            {"id": "offices-results", "property": "children"},
        ],
        "inputs": [
            {"id": "offices-query", "property": "data", "value": {}},
            {"id": "offices-limit", "property": "data", "value": 20},
            {"id": "offices-wish", "property": "data", "value": {"sort": "", "weigh": ""}},
        ],
        "state": [{"id": "offices-marked", "property": "data", "value": {"compare": ""}}],
        "changedPropIds": ["offices-query.data"],
    }
    with caplog.at_level(logging.ERROR):
        answer = sign_in("public").post("/_dash-update-component", json=body)
    assert answer.status_code == 500
    (record,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], KeyError)
