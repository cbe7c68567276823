"""Who is to be there when: shifts said by who leads people, taken along as CSV and read from it, and who is on one now.

A simple roster until there is workforce management. Whoever has no shifts written is bound by none.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import AskFirst, NotAllowed, Refused
from madoguchi.kernel.hours import Calendar, frames
from madoguchi.kernel.text import as_cell, from_cell
from madoguchi.people.actions.telling import companies_of_operators
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import running_engagements
from madoguchi.routing.events import ShiftsChanged
from madoguchi.routing.models import Shift, State, Worker
from madoguchi.routing.queries import members_led
from madoguchi.routing.rosters import Roster, Senseless, days_named, lines_of, read_lines

_READ = ("email", "day", "hours")
_CALLED = dict(zip(_READ, _READ, strict=True)) | {
    "メール": "email",
    "メールアドレス": "email",
    "曜日": "day",
    "日": "day",
    "曜日/日": "day",
    "時間": "hours",
}
HEADS = ("email", "name", "day", "hours")
MOST_ROWS, MOST_BYTES = 20_000, 2_000_000
# Days that are longer over are dropped when a roster is written anew.
KEPT = timedelta(days=60)
# Whose last shift is longer ago than this said what they are since then.
LOOK_BACK = timedelta(days=7)
AHEAD = timedelta(days=14)


@transaction.atomic
def set_shifts(member: OperatorMember, *, text: str, seen: str = "", by: Actor) -> None:
    """Say when somebody works, a line for each day or row of days (no line: they are bound by no shifts).

    Raises NotAllowed for who does not lead them, and Refused for what makes no sense and where somebody else has
    changed it since it was `seen`.
    """
    if not members_led(by).filter(pk=member.pk).exists():
        raise NotAllowed(Permission.CASE_TAKE_OVER)
    try:
        wanted = read_lines(text.splitlines())
    except Senseless as error:
        raise Refused(_senseless(str(error)), field="shifts") from None
    # The member is locked: before anything is said there is no other row for which two could wait.
    OperatorMember.objects.select_for_update(no_key=True).get(pk=member.pk)
    if seen and roster_of(member).mark != seen:
        words = _("Somebody else has changed these shifts in the meantime. What you have written stays here.")
        raise Refused(words, field="shifts")
    _keep(member, roster_of(member), wanted, by)


@dataclass(frozen=True, slots=True)
class Lost:
    """Whose weekly shifts a file would take away, and of which days."""

    name: str
    days: str


@transaction.atomic
def take_file(data: bytes, *, by: Actor, agreed: int | None = None) -> int:
    """Take the shifts of a CSV file (`email`, `day`, `hours`) in place of what those named in it had; of how many
    people. Who is not named keeps theirs. Raises Refused naming the row that is wrong: then nothing is taken.

    `agreed` is of how many people somebody has agreed that weekly shifts are taken away (None: nobody is asked): raises
    AskFirst where it would be of others.
    """
    read = _read_file(data, by)
    # All in one order, as two who take in files at once do: then neither waits for the other.
    held = OperatorMember.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one, _new in read])
    list(held.order_by("pk"))
    before = rosters_of([one.pk for one, _new in read])
    lost = sum(bool(_days_lost(before.get(one.pk, Roster()), new)) for one, new in read)
    if agreed is not None and lost != agreed:
        words = ngettext(
            "This file takes weekly shifts away from %(n)s person.",
            "This file takes weekly shifts away from %(n)s people.",
            lost,
        )
        raise AskFirst([("away", words % {"n": lost})], field="file")
    for one, new in read:
        _keep(one, before.get(one.pk, Roster()), new, by)
    return len(read)


def lost_by_file(data: bytes, *, by: Actor) -> list[Lost]:
    """From whom a file would take weekly shifts away, and of which days. Raises Refused as `take_file`."""
    read = _read_file(data, by)
    before = rosters_of([one.pk for one, _new in read])
    found = [(one, _days_lost(before.get(one.pk, Roster()), new)) for one, new in read]
    return [Lost(one.user.name, days_named(days)) for one, days in found if days]


def plain_file(data: bytes) -> str:
    """The same file with what is read of it alone. Raises Refused."""
    out = StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(_READ)
    for email, lines in _rows(data).items():
        rows.writerows((email, *line.split(" ", 1)) for line in lines)
    return out.getvalue()


def _days_lost(before: Roster, wanted: Roster) -> list[int]:
    """The days of the week that had hours and have none."""
    return [day for day in range(7) if before.week[day] and not wanted.week[day]]


def _read_file(data: bytes, by: Actor) -> list[tuple[OperatorMember, Roster]]:
    """Whose shifts a file has and which, in one order. Raises Refused."""
    lines = _rows(data)
    led = {one.user.email.casefold(): one for one in members_led(by)}
    unknown = sorted(set(lines) - set(led))
    if unknown:
        words = _("You lead nobody with the address %(address)s. Nothing was taken in.")
        raise Refused(words % {"address": unknown[0]}, field="file")
    read: list[tuple[OperatorMember, Roster]] = []
    for email, written in lines.items():
        try:
            read.append((led[email], read_lines(written)))
        except Senseless as error:
            words = _("%(address)s: %(wrong)s Nothing was taken in.")
            raise Refused(words % {"address": email, "wrong": _senseless(str(error))}, field="file") from None
    return sorted(read, key=lambda pair: pair[0].pk)


def written_file(members: Iterable[OperatorMember]) -> str:
    """The shifts of these people as a CSV file, which can be taken in again."""
    found = list(members)
    rosters = rosters_of([one.pk for one in found])
    out = StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADS)
    for one in found:
        for day, hours in lines_of(rosters.get(one.pk, Roster())):
            rows.writerow(map(as_cell, (one.user.email, one.user.name, day, hours)))
    return out.getvalue()


def rosters_of(members: Collection[int]) -> dict[int, Roster]:
    """The shifts of these members, for those that have any. One query."""
    return {one.member_id: read_kept(one) for one in Shift.objects.filter(member_id__in=members)}


def roster_of(member: OperatorMember) -> Roster:
    """The shifts of one of them. One query."""
    return rosters_of([member.pk]).get(member.pk, Roster())


def calendars_of(people: Collection[int], *, desk: int | None = None) -> Mapping[int, Sequence[Calendar]]:
    """When these people are to be there, for those who have shifts: one calendar for each employer (at a `desk`, for
    each of those who answer there). One query.
    """
    found: dict[int, list[Calendar]] = defaultdict(list)
    rows = Shift.objects.filter(member__user_id__in=people).select_related("member")
    if desk is not None:
        here = running_engagements().filter(desk_id=desk)
        rows = rows.filter(member__operator__in=here.values("operator"))
    for one in rows.order_by("pk"):
        found[one.member.user_id].append(read_kept(one).calendar())
    return found


def on_shift(people: Collection[int]) -> dict[tuple[int, int], datetime]:
    """Who of these people is to be there now, for which operator, and since when. One query."""
    now = clock.now()
    found = {}
    for one in Shift.objects.filter(member__user_id__in=people).select_related("member"):
        spans = read_kept(one).calendar().spans(now - timedelta(days=1), now + timedelta(seconds=1))
        if begins := [begin for begin, end in spans if begin <= now < end]:
            found[one.member.user_id, one.member.operator_id] = min(begins)
    return found


def off_duty(people: Collection[int], *, desk: int | None = None) -> set[int]:
    """Who of these people has a shift behind them and has not said since then that they are there: nothing is given to
    them by itself (at a `desk`, by the shifts of its operators alone). One query, two where any has shifts.
    """
    rosters = calendars_of(people, desk=desk)
    if not rosters:
        return set()
    said = Worker.objects.filter(user_id__in=list(rosters), state=State.AVAILABLE)
    return {
        person for person, since in said.values_list("user_id", "since") if is_over(rosters[person], since)
    }


def is_over(calendars: Sequence[Calendar], since: datetime) -> bool:
    """Whether the last shift ended after somebody said (`since`) that they are there, and no other has begun."""
    now = clock.now()
    spans = [span for one in calendars for span in one.spans(now - LOOK_BACK, now + timedelta(seconds=1))]
    if any(begin <= now < end for begin, end in spans):
        return False
    return since < max((end for _begin, end in spans), default=now - LOOK_BACK)


def goes_on_today(calendars: Sequence[Calendar]) -> bool:
    """Whether they are to be there again today."""
    now = clock.now()
    local = now.astimezone(clock.TOKYO)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return any(True for one in calendars for _span in one.spans(now, midnight))


def back_at(person: int) -> datetime | None:
    """When the next shift of somebody who is not here begins, within two weeks; None where none is written, and within
    one, from which they may be back at any moment. One query.
    """
    now = clock.now()
    calendars = calendars_of([person]).get(person, ())
    begins = [begin for one in calendars for begin, _end in one.spans(now, now + AHEAD)]
    return None if not begins or min(begins) <= now else min(begins)


def read_kept(shift: Shift) -> Roster:
    """A roster as it is kept."""
    days = {date.fromisoformat(day): frames(*hours) for day, hours in shift.days.items()}
    return Roster(tuple(frames(*hours) for hours in shift.week), days)


def _keep(member: OperatorMember, before: Roster, wanted: Roster, by: Actor) -> None:
    first = clock.today() - KEPT
    wanted = Roster(wanted.week, {day: hours for day, hours in wanted.days.items() if day >= first})
    if before == wanted:
        return
    if any(wanted.week) or wanted.days:
        week = [[str(frame) for frame in hours] for hours in wanted.week]
        days = {day.isoformat(): [str(frame) for frame in hours] for day, hours in wanted.days.items()}
        Shift.objects.update_or_create(member=member, defaults={"week": week, "days": days})
    else:
        Shift.objects.filter(member=member).delete()
    for company in sorted(companies_of_operators([member.operator_id])):
        record(ShiftsChanged(company=company, person=member.user_id, operator=member.operator_id), by=by)


def _rows(data: bytes) -> dict[str, list[str]]:
    """The lines of each address. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused(_("This file is too large."), field="file")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp932")
        except UnicodeDecodeError:
            raise Refused(_("This file is no text. Save it as CSV (UTF-8)."), field="file") from None
    try:
        tabs = "\t" in text.partition("\n")[0]
        return _lines(csv.DictReader(StringIO(text, newline=""), delimiter="\t" if tabs else ","))
    except csv.Error:
        raise Refused(_("This file is no text. Save it as CSV (UTF-8)."), field="file") from None


def _lines(rows: "csv.DictReader[str]") -> dict[str, list[str]]:
    """Raises Refused, and csv.Error for what is no table."""
    rows.fieldnames = [_CALLED.get(one.strip().casefold(), one) for one in rows.fieldnames or ()]
    if not set(_READ) <= set(rows.fieldnames or ()):
        raise Refused(_("The first line has to name the columns: email, day, hours."), field="file")
    found: dict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(rows, 2):
        if number > MOST_ROWS:
            raise Refused(_("These are too many lines."), field="file")
        if any(one.strip() for one in row.get(None) or ()):  # type: ignore[call-overload]
            words = _(
                "Line %(n)s has more columns than the first. Put hours with a comma in quotes. Nothing was taken in."
            )
            raise Refused(words % {"n": number}, field="file")
        email, day, hours = ((row[name] or "").strip() for name in _READ)
        if email:
            email = from_cell(email)
            _require_sense(f"{day} {hours}", number)
            found[email.casefold()].append(f"{day} {hours}")
    if not found:
        raise Refused(_("There is no shift in this file."), field="file")
    return found


def _require_sense(line: str, number: int) -> None:
    try:
        read_lines([line])
    except Senseless as error:
        words = _("Line %(n)s: %(wrong)s Nothing was taken in.")
        raise Refused(words % {"n": number, "wrong": _senseless(str(error))}, field="file") from None


def _senseless(line: str) -> str:
    words = _("“%(line)s” makes no sense. Write a day and its hours: mon-fri 9:00-12:00, 13:00-18:00.")
    return words % {"line": line}
