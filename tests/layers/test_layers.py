"""The five layer files, and what the registry refuses."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from layers.core.access import FieldClass
from layers.core.errors import UnknownLayerError
from layers.core.facts import InspectionResult, PermitState
from layers.core.registry import LayerError, check_layer
from layers.core.spec import Choice, Field, FieldType, Filter, Layer, PermitSpec, When
from layers.core.text import Text
from tests.layers.examples import REGISTRY

LAYERS = pytest.mark.parametrize("layer", list(REGISTRY), ids=lambda layer: layer.id)


def test_the_five_layers_in_their_order() -> None:
    assert [layer.id for layer in REGISTRY] == ["shops", "breakfast", "nights", "buildings", "offices"]
    assert [layer.id for layer in REGISTRY.on("ops")] == [layer.id for layer in REGISTRY]
    assert [layer.id for layer in REGISTRY.on("field")] == ["shops", "breakfast", "nights", "buildings"]
    assert [layer.id for layer in REGISTRY.on("offices")] == ["offices"]
    assert {
        view: [one.id for one in REGISTRY.on(view)] for view in ("breakfast", "tonight", "buildings")
    } == {
        "breakfast": ["breakfast"],
        "tonight": ["nights"],
        "buildings": ["buildings"],
    }


def test_an_unknown_layer_names_the_known_ones() -> None:
    with pytest.raises(UnknownLayerError, match="shops, breakfast, nights, buildings, offices"):
        REGISTRY["parks"]


def _texts(value: object) -> list[Text]:
    if isinstance(value, Text):
        return [value]
    if dataclasses.is_dataclass(value):
        return [t for f in dataclasses.fields(value) for t in _texts(getattr(value, f.name))]
    return [t for item in value for t in _texts(item)] if isinstance(value, tuple) else []


@LAYERS
def test_every_word_exists_in_both_languages(layer: Layer) -> None:
    texts = _texts(layer)
    assert len(texts) > 20
    assert all(text.zh.strip() and text.en.strip() for text in texts)
    assert all(not any("一" <= c <= "鿿" for c in text.en) for text in texts)


@LAYERS
def test_a_layer_file_begins_with_its_page_of_handbook(layer: Layer) -> None:
    source = (Path(__file__).parents[2] / "layers" / f"{layer.id}.py").read_text("utf-8")
    page = source.split('"""')[1]
    assert {"The case.", "The facts.", "Sources:"} <= {
        w for w in ("The case.", "The facts.", "Sources:") if w in page
    }
    assert "Grey:" in page


@LAYERS
def test_a_synonym_means_one_field(layer: Layer) -> None:
    claimed: dict[str, list[str]] = {}
    for name, synonyms in layer.intake.columns.items():
        for synonym in synonyms:
            claimed.setdefault(synonym.casefold(), []).append(name)
    assert {synonym: names for synonym, names in claimed.items() if len(names) > 1} == {}
    assert {"name", "lon", "lat"} <= set(layer.intake.columns)


@LAYERS
def test_record_values_are_states_and_results_we_know(layer: Layer) -> None:
    permit, inspection = layer.intake.permit, layer.intake.inspection
    if permit is not None:
        assert set(permit.values["state"].values()) <= {state.value for state in PermitState}
    if inspection is not None:
        assert set(inspection.values["result"].values()) <= {result.value for result in InspectionResult}


def test_who_reads_what() -> None:
    public = {layer.id for layer in REGISTRY if layer.readable_by is FieldClass.PUBLIC}
    assert public == {"breakfast", "nights", "offices"}
    assert [layer.id for layer in REGISTRY if layer.tier_visible_to is FieldClass.PUBLIC] == ["offices"]
    for layer in REGISTRY:
        assert all(f.visible_to is FieldClass.PERSONAL for f in layer.fields if f.mask)
    seen = {f.name for f in REGISTRY["nights"].fields if f.visible_to is FieldClass.PUBLIC}
    assert seen == {"project", "contractor"}
    face = REGISTRY["breakfast"].field_named("face_grade")
    assert face is not None
    assert face.visible_to is FieldClass.PUBLIC


@pytest.mark.parametrize(
    ("cell", "category"),
    [
        ("住宿服务;宾馆酒店;四星级宾馆|餐饮服务;糕饼店;糕饼店", "bakery"),
        ("餐饮服务;中餐厅;火锅店", "restaurant"),
        ("餐饮服务;快餐厅;肯德基", "fast_food"),
        ("餐饮服务;咖啡厅;星巴克咖啡", "cafe"),
        ("体育休闲服务;娱乐场所;酒吧", "bar"),
        ("Grocery Store", "supermarket"),
        ("RESTAURANT", "restaurant"),
        ("Daycare (2 - 6 Years)", "canteen"),
        ("Barber", ""),
        ("", ""),
    ],
)
def test_what_a_cell_says_becomes_a_category(cell: str, category: str) -> None:
    assert REGISTRY["shops"].intake.category_of(cell) == category


def test_estates_and_offices_are_told_apart() -> None:
    intake = REGISTRY["buildings"].intake
    assert intake.category_of("商品房住宅经济适用房") == "residential"
    assert intake.category_of("办公") == "tower"
    assert intake.category_of("商业") == "mall"


def _changed(**changes: object) -> Layer:
    return dataclasses.replace(REGISTRY["offices"], **changes)  # type: ignore[arg-type]


def _intake(**changes: object) -> Layer:
    return _changed(
        intake=dataclasses.replace(REGISTRY["shops"].intake, **{"columns": {}, **_BARE, **changes})
    )


_BARE = {
    "natural_key": ("name",),
    "unit_key": (),
    "category_keywords": {},
    "values": {},
    "permit": None,
    "inspection": None,
}
_WORDS = Text("字", "word")
_FIELDS, _FILTERS = REGISTRY["offices"].fields, REGISTRY["offices"].filters


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (_changed(card=("colour",)), "'colour'"),
        (_changed(filters=(Filter("rent"),)), "'rent'"),
        (_changed(filters=(*_FILTERS, Filter("area_m2", "at_most"))), "'area_m2' is no bound"),
        (_changed(filters=(*_FILTERS, Filter("people"))), "'people'"),
        (_changed(indexed=("listed_on",)), "people needs"),
        (_changed(indexed=("colour",)), "'colour'"),
        (_changed(fields=(*_FIELDS, _FIELDS[0])), "declared twice"),
        (
            _changed(fields=(*_FIELDS, Field(name="phone", type=FieldType.TEXT, title=_WORDS))),
            "belongs to every place",
        ),
        (
            _changed(fields=(*_FIELDS, Field(name="kind", type=FieldType.CHOICE, title=_WORDS))),
            "has no choices",
        ),
        (_changed(permits=(PermitSpec(kind="x", title=_WORDS, required=(When("moon", "true"),)),)), "'moon'"),
        (_intake(columns={"colour": ("颜色",)}), "'colour'"),
        (_intake(natural_key=("serial",)), "'serial'"),
        (_intake(unit_key=("serial",)), "'serial'"),
        (
            _changed(
                fields=(
                    *_FIELDS,
                    Field(
                        name="kind",
                        type=FieldType.CHOICE,
                        title=_WORDS,
                        choices=(Choice("a", _WORDS, implies={"payment_terms": "0"}),),
                    ),
                )
            ),
            "implies payment_terms = '0'",
        ),
        (_intake(category_keywords={"castle": ("城堡",)}), "'castle'"),
        (_intake(values={"payment_terms": {"free": "0"}}), "'0' is no choice"),
        (_intake(permit=REGISTRY["shops"].intake.permit), "permits of the unknown kind"),
        (_intake(inspection=REGISTRY["shops"].intake.inspection), "inspections of the unknown kind"),
    ],
)
def test_the_registry_refuses_a_layer_that_contradicts_itself(layer: Layer, message: str) -> None:
    with pytest.raises(LayerError, match=message) as refusal:
        check_layer(layer)
    assert "offices" in str(refusal.value)


def test_choices_keep_their_order() -> None:
    assert isinstance(REGISTRY["shops"].categories[0], Choice)
    assert REGISTRY["shops"].categories[0].value == "restaurant"
