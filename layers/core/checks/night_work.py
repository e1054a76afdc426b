"""Night works: what a site may do tonight, and what was seen or heard there.

Params: `kind` (of permit, default night_work), `max_run`, `rest`, `max_per_month`, `weekend_ok` (the site's
rhythm), `windows` (bans, see `layers.core.night.ban_windows`), `day_ban_m` (distance to an exam site),
`leq_night_db`, `lmax_extra_db`, `ran_out_days` (how long a permit that ran out is worth a look).
Outcomes of the plan: permitted, filed, emergency, emergency_in_ban, banned_planned, banned_quiet,
rest_planned, rest, planned_applied, planned_suspended, planned_revoked, ran_out, quiet, no_notice, day_ban.
Outcomes of what was found: breach, breach_banned, breach_rest, noise_over, day_ban_breach.
By day the coming night counts for the plan, the last night for what was found.
"""

from __future__ import annotations

from datetime import datetime

from layers.core.checks.cases import open_cases
from layers.core.checks.night_site import Plan, Site, read_site
from layers.core.citytime import CITY_TIME, day_of
from layers.core.facts import PENDING, TAKEN_BACK, Facts, PermitState, Reading
from layers.core.findings import Findings
from layers.core.night import NightSpan, day_ban, last_night, night_of, night_of_day, refused_nights
from layers.core.rules import Rule
from layers.core.spec import Layer
from layers.core.tiers import PermitStatus
from layers.core.verdict import Param

PARAMS = frozenset(
    {
        "kind",
        "max_run",
        "rest",
        "max_per_month",
        "weekend_ok",
        "leq_night_db",
        "lmax_extra_db",
        "day_ban_m",
        "ran_out_days",
        "windows",
    }
)
PLAN_OUTCOMES = frozenset(
    {
        "permitted",
        "filed",
        "emergency",
        "emergency_in_ban",
        "banned_planned",
        "banned_quiet",
        "rest_planned",
        "rest",
        "planned_applied",
        "planned_suspended",
        "planned_revoked",
        "ran_out",
        "quiet",
        "no_notice",
        "day_ban",
    }
)
FOUND_OUTCOMES = frozenset({"breach", "breach_banned", "breach_rest", "noise_over", "day_ban_breach"})
OUTCOMES = PLAN_OUTCOMES | FOUND_OUTCOMES
CODES = frozenset(f"night.{outcome}" for outcome in OUTCOMES)

_REFUSED = {
    **dict.fromkeys(TAKEN_BACK, (PermitStatus.REVOKED, "planned_revoked")),
    PermitState.SUSPENDED: (PermitStatus.SUSPENDED, "planned_suspended"),
    **dict.fromkeys(PENDING, (PermitStatus.PENDING, "planned_applied")),
}
_BREACH_STATES = {"breach": "suspected", "breach_banned": "banned", "breach_rest": "rest_night"}


def check_night_work(found: Findings, layer: Layer, facts: Facts, rule: Rule, at: datetime) -> None:
    """Judge a site for tonight; a site of which nothing is known is quiet and gives no reason."""
    found.state = "idle"
    site = read_site(facts, rule, at)
    if not site.plans and not facts.readings:
        return
    found.changes += site.edges(at)
    _say_plan(found, site, rule)
    _say_night(found, site, facts, rule, at)
    _say_day_ban(found, site, facts, rule, at)


def _say_plan(found: Findings, site: Site, rule: Rule) -> None:
    tonight = [plan for plan in site.plans if plan.night == site.tonight.day]
    allowed = [plan for plan in tonight if plan.usable]
    refused = [plan for plan in tonight if plan.permit.state in _REFUSED]
    if allowed:
        _say_allowed(found, site, rule, allowed)
    elif refused:
        worst = max(refused, key=lambda plan: _REFUSED[plan.permit.state][0].code)
        status, outcome = _REFUSED[worst.permit.state]
        _conclude(found, site, rule, ("no_permit", outcome, status), worst)
    else:
        _say_nothing_planned(found, site, rule)


def _say_allowed(found: Findings, site: Site, rule: Rule, allowed: list[Plan]) -> None:
    ordinary = [plan for plan in allowed if not plan.emergency]
    first = (ordinary or allowed)[0]
    if site.window(site.tonight) is not None:
        outcome = "banned_planned" if ordinary else "emergency_in_ban"
        state, status = ("banned", PermitStatus.SUSPENDED) if ordinary else ("emergency", PermitStatus.VALID)
    elif ordinary and site.tonight.day in site.refused:
        state, outcome, status = "rest_night", "rest_planned", PermitStatus.SUSPENDED
    else:
        basis = "filed" if first.permit.basis == "filing" else "permitted"
        state = outcome = basis if ordinary else "emergency"
        status = PermitStatus.VALID
    _conclude(found, site, rule, (state, outcome, status), first)
    unposted = [plan for plan in ordinary if plan.permit.notice_posted is False]
    if unposted:
        found.say(rule, "night.no_notice", "no_notice", _night(site.tonight), fact=unposted[0].fact)


def _say_nothing_planned(found: Findings, site: Site, rule: Rule) -> None:
    quiet = PermitStatus.NOT_REQUIRED
    last = site.last_plan()
    if site.window(site.tonight) is not None:
        _conclude(found, site, rule, ("banned", "banned_quiet", quiet))
    elif site.tonight.day in refused_nights(site.nights | {site.tonight.day}, site.rhythm):
        _conclude(found, site, rule, ("rest_night", "rest", quiet))
    elif last is not None and (site.tonight.day - last.night).days <= rule.params.get("ran_out_days", 7):
        _conclude(found, site, rule, ("expired", "ran_out", PermitStatus.EXPIRED), last)
    else:
        _conclude(found, site, rule, ("idle", "quiet", quiet))


def _conclude(
    found: Findings, site: Site, rule: Rule, what: tuple[str, str, PermitStatus], plan: Plan | None = None
) -> None:
    state, outcome, status = what
    found.state = state
    found.statuses.append(status)
    night = site.tonight if plan is None else night_of_day(plan.night)
    fact = "place" if plan is None else plan.fact
    found.say(rule, f"night.{outcome}", outcome, _night(night), fact=fact, on=night.day)


def _night(night: NightSpan) -> dict[str, Param]:
    return {"date": night.day.isoformat()}


def _say_night(found: Findings, site: Site, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give what was seen or heard in the night going on, or by day in the last one."""
    night = night_of(at) or last_night(at)
    noticed = {
        outcome: reading
        for reading in sorted(facts.readings, key=lambda reading: reading.at)
        if reading.at <= at and reading.at in night and (outcome := _outcome(site, rule, night, reading))
    }
    for outcome, reading in noticed.items():
        words: dict[str, Param] = {**_night(night), "time": _clock(reading)}
        found.say(rule, f"night.{outcome}", outcome, words, fact="reading", on=night.day)
    breach = next(
        (outcome for outcome in ("breach_banned", "breach_rest", "breach") if outcome in noticed), None
    )
    if breach is not None:
        found.state = "handling" if open_cases(facts, at) else _BREACH_STATES[breach]
        found.statuses.append(PermitStatus.MISSING if breach == "breach" else PermitStatus.SUSPENDED)


def _outcome(site: Site, rule: Rule, night: NightSpan, reading: Reading) -> str:
    loud = is_loud(rule, reading)
    if not (reading.working or loud):
        return ""
    covering = [plan for plan in site.plans if plan.usable and plan.starts_at <= reading.at < plan.ends_at]
    if any(plan.emergency for plan in covering):
        return ""
    if site.window(night) is not None:
        return "breach_banned"
    if night.day in site.refused:
        return "breach_rest"
    if not covering:
        return "breach"
    return "noise_over" if loud else ""


def is_loud(rule: Rule, reading: Reading) -> bool:
    """Tell whether a reading at night is over the limits: Leq, and Lmax by more than 15 dB (GB 12523)."""
    limit = rule.params.get("leq_night_db", 55)
    peak = limit + rule.params.get("lmax_extra_db", 15)
    over_mean = reading.leq_db is not None and reading.leq_db > limit
    return over_mean or (reading.lmax_db is not None and reading.lmax_db > peak)


def _clock(reading: Reading) -> str:
    return f"{reading.at.astimezone(CITY_TIME):%H:%M}"


def _say_day_ban(found: Findings, site: Site, facts: Facts, rule: Rule, at: datetime) -> None:
    """Give the ban by day near exam sites, and work seen today in spite of it."""
    window = day_ban(site.windows, at)
    distance = facts.attributes.get("exam_site_m")
    if (
        window is None
        or not isinstance(distance, int | float)
        or distance > rule.params.get("day_ban_m", 100)
    ):
        return
    today = day_of(at)
    seen = any(
        r.working and r.at <= at and day_of(r.at) == today and night_of(r.at) is None for r in facts.readings
    )
    outcome = "day_ban_breach" if seen else "day_ban"
    words: dict[str, Param] = {"date": today.isoformat(), "metres": round(distance)}
    found.say(rule, f"night.{outcome}", outcome, words, on=today)
