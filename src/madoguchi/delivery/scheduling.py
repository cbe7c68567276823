"""When an answer may leave later: the moments that are offered, and which are refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.hours import USUAL

LONGEST = timedelta(days=366)
_MORNING, _AFTERNOON = time(9), time(13)


@dataclass(frozen=True, slots=True)
class Offer:
    """A moment to choose; `name` is how a form says it."""

    name: str
    words: str
    at: datetime


def offers(now: datetime) -> list[Offer]:
    """Sensible moments from now on, in the desk's time zone, no moment twice."""
    found: dict[datetime, Offer] = {}
    for offer in _offers(now.astimezone(clock.TOKYO)):
        found.setdefault(offer.at, offer)
    return sorted(found.values(), key=lambda offer: offer.at)


def offered(name: str, now: datetime) -> datetime | None:
    """The moment of that name; None for a name that is none."""
    return next((offer.at for offer in _offers(now.astimezone(clock.TOKYO)) if offer.name == name), None)


def read_moment(written: str) -> datetime:
    """A moment as a person or a form writes it (ISO 8601), in the desk's time zone where it names none.

    Raises Refused.
    """
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise Refused(
            _("“%(written)s” is no time. Write it as 2026-12-01 09:00.") % {"written": written}, field="at"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.TOKYO)


def require_sensible(at: datetime) -> None:
    """Raises Refused for a moment that has passed, or is more than a year away."""
    if at <= clock.now():
        raise Refused(_("That time has passed. Choose a later one."), field="at")
    if at > clock.now() + LONGEST:
        raise Refused(_("That is more than a year away. Choose an earlier time."), field="at")


def _offers(now: datetime) -> Iterator[Offer]:
    yield Offer("hour", _("in an hour"), (now + timedelta(hours=1)).replace(second=0, microsecond=0))
    if now.time() < _MORNING:
        yield Offer("today", _("today 9:00"), _at(now.date(), _MORNING))
    elif now.time() < time(12):
        yield Offer("afternoon", _("today 13:00"), _at(now.date(), _AFTERNOON))
    tomorrow = now.date() + timedelta(days=1)
    yield Offer("tomorrow", _("tomorrow 9:00"), _at(tomorrow, _MORNING))
    yield Offer("business", _("next business day 9:00"), _at(_next_business_day(now.date()), _MORNING))
    monday = now.date() + timedelta(days=7 - now.weekday())
    yield Offer("monday", _("next Monday 9:00"), _at(monday, _MORNING))


def _next_business_day(today: date) -> date:
    return USUAL.next_working_day(today) or today + timedelta(days=1)


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, clock.TOKYO)
