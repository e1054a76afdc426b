"""How far each field of the spine may travel: one table beside that of the roles, applied to every row that is given.

`place` is what every place has apart from its layer's fields; the others are the records that hang on a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.core.access import FieldClass


def _classes(**fields: str) -> Mapping[str, FieldClass]:
    """Return field -> class from class -> its fields, written in one line."""
    return {name: FieldClass(of) for of, names in fields.items() for name in names.split()}


RECORD_FIELDS: Mapping[str, Mapping[str, FieldClass]] = {
    "place": _classes(
        public="building outline",
        official="enterprise uscc flags source external_id updated_at judged_at next_change",
        personal="contact phone",
    ),
    "permit": _classes(
        public="id kind number state valid_from valid_to decided_on issued_on issuer basis notice_posted nights",
        official="applied_on quantity documents",
    ),
    # Results of visits are made public (总局令49 Art. 39); which kinds, the layer says.
    "inspection": _classes(
        public="id kind at result grade level published_on",
        official="critical serious minor follow_up_due note inspector second_inspector check_code publish_by",
    ),
    # Who complained (举报人) stays with those who handle the complaint; who was drawn (双随机) is not told to whom the
    # two will visit.
    "case": _classes(
        official="id kind source nature title stage handler opened_at accepted_on due_at closed_at reason_code "
        "reason_rule reason_fact",
        personal="reporter officers filing_on informed_on closed_by",
    ),
    # So does who objected, and in what words: people write about themselves and others. An own one is read in full.
    "contest": _classes(
        official="id kind stage opened_at due_at closed_at reason_code reason_rule reason_fact reason_on reason_params "
        "contest_kind outcome outcome_words decided_by own",
        personal="reporter words",
    ),
    # A penalty is public while it is published, see `data.store.credit`; what becomes of a repair is not.
    "credit": _classes(
        public="id number severity act decision authority decided_on published_on last_on published repairing "
        "corrected_on",
        official="earliest_on rule not_yet repairs withdrawn_on correction corrected_by",
    ),
    "repair": _classes(
        official="id stage applied_on district_on city_on nation_on granted_on refused_on refusal decided_by rule own",
        personal="applicant",
    ),
    "tenancy": _classes(
        official="id unit floor premises barred tenant enterprise uscc state valid_from valid_to registered exclusive "
        "landlord sublet_of dormant_from dormant_to service_address zombie places places_total"
    ),
    "title_paper": _classes(official="id unit kind number checked_on reference"),
}


def readable(record: str, row: Mapping[str, Any], reads: frozenset[FieldClass]) -> dict[str, Any]:
    """Return the fields of a row that a reader of some classes is given."""
    fields = RECORD_FIELDS[record]
    return {name: row[name] for name, of in fields.items() if of in reads and name in row}
