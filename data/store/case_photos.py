"""Photos of cases: looked at before they are kept, and kept as they were sent, for they are evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import Connection, text

from data.case_tables import MOST_BYTES
from layers.core.errors import BadQueryError, UnknownCaseError
from layers.core.text import Text

TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MOST_PIXELS: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is sent."""

    media_type: str
    content: bytes


def add(connection: Connection, case_id: int, content: bytes, by: str, now: datetime) -> int:
    """Keep a photo of a case in the caller's transaction; the same one again gives the first.

    Raises `BadQueryError` for what is no photo.
    """
    media_type, width, height = _looked_at(content)
    digest = hashlib.sha256(content).digest()
    sql = (
        "INSERT INTO case_photo (case_id, sha256, media_type, width, height, content, taken_at, taken_by) "
        "VALUES (:case, :sha, :type, :width, :height, :content, :now, :by) "
        "ON CONFLICT (case_id, sha256) DO NOTHING RETURNING id"
    )
    given = {"case": case_id, "sha": digest, "type": media_type, "width": width, "height": height}
    written = connection.scalar(text(sql), given | {"content": content, "now": now, "by": by})
    if written is None:
        known = "SELECT id FROM case_photo WHERE case_id = :case AND sha256 = :sha"
        written = connection.scalar(text(known), given)
    return int(written or 0)


def read(connection: Connection, case_id: int, photo_id: int) -> Photo:
    """Return a photo of a case; raises `UnknownCaseError` where there is no such one."""
    sql = "SELECT media_type, content FROM case_photo WHERE id = :id AND case_id = :case"
    row = connection.execute(text(sql), {"id": photo_id, "case": case_id}).one_or_none()
    if row is None:
        raise UnknownCaseError
    return Photo(row.media_type, bytes(row.content))


def _looked_at(content: bytes) -> tuple[str, int, int]:
    """Return type, width and height of a picture that opens; raises `BadQueryError` for anything else."""
    if len(content) > MOST_BYTES:
        raise _bad("照片不能超过 4 MB：请用较低的分辨率再拍。", "A photo has at most 4 MB: take it smaller.")
    try:
        with Image.open(BytesIO(content), formats=list(TYPES)) as picture:
            width, height = picture.size
            small = width * height <= MOST_PIXELS
            if small:
                picture.load()
            media_type = TYPES[str(picture.format)]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _bad(
            "这不是能打开的照片：请拍 JPEG、PNG 或 WebP。", "This is no photo: send a JPEG, PNG or WebP."
        ) from None
    if not small:
        raise _bad("照片的像素太多：请缩小后再传。", "The photo has too many pixels: make it smaller.")
    return media_type, width, height


def _bad(zh: str, en: str) -> BadQueryError:
    return BadQueryError("photo", Text(zh, en))
