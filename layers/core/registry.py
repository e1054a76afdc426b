"""The layers of the product, found at start, checked, and then never changed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass

from layers.core.errors import UnknownLayerError, YipingError
from layers.core.measures import FORMULAS
from layers.core.spec import Choice, FieldType, Layer

SPINE_FILTERS = frozenset({"category", "state", "street"})
BOUNDS = frozenset({"at_least", "at_most"})


class LayerError(YipingError):
    """A layer whose declaration contradicts itself."""


@dataclass(frozen=True, slots=True)
class Registry:
    """An immutable collection of layers in the order of their rank on the big screen."""

    layers: tuple[Layer, ...]

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, layer_id: str) -> Layer:
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        known = ", ".join(layer.id for layer in self.layers)
        raise UnknownLayerError(f"There is no layer {layer_id!r}; the layers are {known}.")

    def __contains__(self, layer_id: object) -> bool:
        return any(layer.id == layer_id for layer in self.layers)

    def on(self, view: str) -> tuple[Layer, ...]:
        """Return the layers of a view in its order."""
        placed = [(on.rank, layer) for layer in self.layers if (on := layer.shown_on(view))]
        return tuple(layer for _, layer in sorted(placed, key=lambda pair: pair[0]))


def find_layers() -> Registry:
    """Import every module of the package `layers` that defines `LAYER` and check what it says.

    Raises `LayerError` for a declaration that contradicts itself and for two layers of one id.
    """
    import layers as package

    found: list[Layer] = []
    for module_info in pkgutil.iter_modules(package.__path__):
        if module_info.name in {"core", "rules"}:
            continue
        layer: Layer | None = getattr(importlib.import_module(f"layers.{module_info.name}"), "LAYER", None)
        if layer is None:
            continue
        check_layer(layer)
        if any(other.id == layer.id for other in found):
            raise LayerError(f"Two layers are called {layer.id!r}; an id belongs to one file.")
        found.append(layer)
    ranked = sorted(found, key=lambda layer: (on.rank if (on := layer.shown_on("ops")) else 99, layer.id))
    return Registry(tuple(ranked))


def check_layer(layer: Layer) -> None:
    """Raise `LayerError` where a card, filter, condition or column names what is not there."""
    names = [field.name for field in layer.fields]
    if len(set(names)) != len(names):
        raise LayerError(f"Layer {layer.id}: a field is declared twice.")
    for name in set(names) & (SPINE_FIELDS | SPINE_FILTERS):
        raise LayerError(
            f"Layer {layer.id}: {name!r} belongs to every place already; call the field otherwise."
        )
    known = set(names) | SPINE_FILTERS | SPINE_FIELDS
    referenced = [*layer.card, *layer.indexed]
    referenced += [f.field for f in layer.filters if f.operator not in BOUNDS]
    referenced += [when.field for permit in layer.permits for when in permit.required or ()]
    referenced += layer.opening.fields if layer.opening else ()
    referenced += [field.above for field in layer.fields if field.above]
    referenced += [
        *layer.intake.natural_key,
        *layer.intake.unit_key,
        *layer.intake.columns,
        *layer.intake.values,
    ]
    for name in referenced:
        if name not in known:
            raise LayerError(f"Layer {layer.id} speaks of {name!r}, which is no field of it.")
    for field in layer.fields:
        if field.type in {FieldType.CHOICE, FieldType.CHOICES} and not field.choices:
            raise LayerError(f"Layer {layer.id}: the choice field {field.name} has no choices.")
        for choice in field.choices:
            _check_implied(layer, choice)
    _check_measures(layer)
    _check_values(layer)


def _check_measures(layer: Layer) -> None:
    """Refuse a measure that could not be computed, and a bound on what is none."""
    kept = {*layer.indexed, *(item.field for item in layer.filters)}
    for measure in layer.measures:
        if missing := sorted(set(FORMULAS[measure.formula].inputs) - kept):
            raise LayerError(f"Layer {layer.id}: {measure.name} needs {missing} in its index.")
    for item in layer.filters:
        if (item.operator in BOUNDS) != (layer.measure_named(item.field) is not None):
            raise LayerError(f"Layer {layer.id}: the filter {item.field!r} is no bound on a measure.")


def _check_implied(layer: Layer, choice: Choice) -> None:
    for name, value in choice.implies.items():
        other = layer.field_named(name)
        if other is None or value not in {one.value for one in other.choices}:
            raise LayerError(
                f"Layer {layer.id}: {choice.value!r} implies {name} = {value!r}, which is no choice."
            )


def _check_values(layer: Layer) -> None:
    """Refuse what a file could be turned into that the layer does not know."""
    categories = {choice.value for choice in layer.categories}
    for category in layer.intake.category_keywords:
        if category not in categories:
            raise LayerError(
                f"Layer {layer.id}: its intake speaks of the category {category!r}, which it has not."
            )
    for name, values in layer.intake.values.items():
        field = layer.field_named(name)
        for value in values.values():
            if (
                field is not None
                and field.choices
                and value not in {choice.value for choice in field.choices}
            ):
                raise LayerError(f"Layer {layer.id}: {value!r} is no choice of its field {name}.")
    permit, inspection = layer.intake.permit, layer.intake.inspection
    if permit is not None and layer.permit_of(permit.kind) is None:
        raise LayerError(f"Layer {layer.id}: its intake brings permits of the unknown kind {permit.kind!r}.")
    if inspection is not None and inspection.kind not in {spec.kind for spec in layer.inspections}:
        raise LayerError(
            f"Layer {layer.id}: its intake brings inspections of the unknown kind {inspection.kind!r}."
        )


SPINE_FIELDS = frozenset(
    {
        "external_id",
        "name",
        "address",
        "phone",
        "contact",
        "uscc",
        "enterprise",
        "building",
        "outline",
        "lon",
        "lat",
        "district",
    }
)
