"""What this room refuses, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "datum_unknown": "The datum {value!r} is not known; give one of {choices}.",
        "bbox_not_finite": "The box {value} has a side that is not a number; give four finite degrees.",
        "bbox_inverted": (
            "The box {value} is empty or inverted; give west < east and south < north in degrees."
        ),
        "zoom_range": "The zoom {value} cannot be drawn; give a number from 0 to {highest}.",
        "cell_px": "Cells of {value} px do not fit a 256 px tile; give one of {choices}.",
        "level_range": "The grid level {value} does not exist; give a whole number from 0 to 32.",
        "lengths_differ": "{name} has {length} rows where {expected} are needed; give one value per place.",
        "ids_repeat": "The id {value} occurs more than once; give every place exactly once.",
        "point_invalid": (
            "The place {id} lies at ({lon}, {lat}), which is no longitude and latitude in degrees; "
            "correct or reject it before indexing."
        ),
        "column_dtype": (
            "The column {name} holds {dtype}; convert it to uint8, uint16, uint32 (codes) or float32."
        ),
        "column_unknown": "There is no column {name!r}; the index has {choices}.",
        "columns_differ": "The new rows have the columns {given}; give exactly {expected}.",
        "selection_kind": "{selection} does not fit the column {name} ({kind}); use {choices}.",
        "facet_kind": ("The column {name} ({kind}) cannot be counted per value here; name one of {choices}."),
        "singles_range": "Cannot draw {value} places one by one; give a number from 0 to {highest}.",
        "nearest_count": "Cannot look for {value} places; ask for at least one.",
        "codes_repeat": (
            "The polygon code {value!r} occurs more than once; join its parts into one multipolygon."
        ),
        "polygon_kind": "The shape {code!r} is a {kind}; give a polygon or multipolygon that is not empty.",
    }
)


class GeoError(ValueError):
    """A request to this room that has no answer.

    `key` names the sentence and `values` fill it, so that another language can say the same;
    `str(error)` is the English sentence. Every key is in `SENTENCES`.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(SENTENCES[key].format(**values))
        self.key = key
        self.values = values
