"""Making of an event what it says: a message of a case, a friend who came or went, a message that was taken back.

Each step may be done twice. LINE is asked outside of any transaction.
"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.cases.actions import unsend
from madoguchi.cases.models import Message
from madoguchi.channels.line import api, jobs
from madoguchi.channels.line.channel import REPLY_WITHIN, external_id
from madoguchi.channels.line.events import LineBlocked, LineFollowed
from madoguchi.channels.line.linking import link, tell_joined
from madoguchi.channels.line.models import Account, Friend, LinkCode, Received
from madoguchi.channels.line.saying import Saying, encode, without_cards
from madoguchi.channels.line.wording import Told, filename_for, not_fetched, told_by
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.intake.actions import empty, handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, File
from madoguchi.kernel.languages import LANGUAGES
from madoguchi.kernel.text import one_line

LINE = system("line")
# Seconds until a file that is not ready, or LINE itself, is asked for again; after the last it is given up.
PAUSES = (10, 60, 300, 900, 3600)
KEPT_DAYS = 30
_PROFILE_FOR = timedelta(days=1)
_LATE = timedelta(minutes=2)
_NOT_READY = 202
State = Received.State


def work_up(received_id: int, *, company: int) -> None:
    """Make of an event what it says. Doing it twice does it once; what LINE does not give yet is asked for again."""
    with scope.acting_for([company]):
        rows = Received.objects.select_related("entry_point__desk")
        row = rows.filter(pk=received_id, state=State.WAITING).first()
    if row is None:
        return
    said = json.loads(row.body)
    if row.kind in ("message", "postback"):
        _take_message(row, said)
    elif row.kind == "follow":
        _take_follow(row, said)
    elif row.kind == "accountLink":
        _take_link(row, said)
    else:
        with scope.acting_for([company]):
            (_take_unsend if row.kind == "unsend" else _take_block)(row)
            _finish(row)


def resume_left_over(*, most: int = 200) -> int:
    """Give each event that is overdue a job again, for its own may be lost with its worker; says how many got one."""
    late = clock.now() - _LATE
    with scope.everywhere(reason="events of any company may have been left by a killed worker"):
        waiting = Received.objects.filter(state=State.WAITING, due_at__lt=late).order_by("due_at")
        left = list(waiting.values_list("pk", "company_id")[:most])
    return sum(_schedule_again(pk, company) for pk, company in left)


def forget_old() -> int:
    """Forget events of so long ago that LINE will not hand them in again, and codes that count no more, with the
    addresses they went to; returns how many.
    """
    events = forget(
        lambda: Received.objects.filter(received_at__lt=days_ago(KEPT_DAYS)).exclude(state=State.WAITING)
    )
    return events + forget(lambda: LinkCode.objects.filter(until__lt=days_ago(1)))


def _schedule_again(received: int, company: int) -> bool:
    with suppress(AlreadyEnqueued, IntegrityError), transaction.atomic():
        jobs.schedule_left_over(received, company=company)
        return True
    return False


def _take_message(row: Received, said: dict[str, Any]) -> None:
    with scope.acting_for([row.company_id]):
        account = Account.objects.filter(entry_point=row.entry_point_id).first()
        friend = _friend(row, said)
        is_unsent = Received.objects.filter(
            entry_point=row.entry_point_id, kind="unsend", about=row.about
        ).exists()
    with translation.override("ja"):
        told = Told("") if is_unsent and row.about else told_by(said)
    if told is None or account is None:
        with scope.acting_for([row.company_id]):
            _finish(row, State.ASIDE, "no account is set up" if account is None else "of no use to us")
        return
    _look_up(friend, account)
    text: str = told.text
    files: tuple[File, ...] = ()
    if told.filename:
        fetched = api.content(account, row.about)
        if (fetched.for_now or fetched.status == _NOT_READY) and not _is_too_large(fetched) and _later(row):
            return
        text, files = _with_file(told, fetched)
    _hand_over(row, friend, text, files, is_unsent=is_unsent)


def _with_file(told: Told, fetched: api.Answered) -> tuple[str, tuple[File, ...]]:
    if fetched.ok and fetched.status != _NOT_READY:
        kind = fetched.content_type.partition(";")[0].strip() or "application/octet-stream"
        return told.text, (File(filename_for(told, kind), kind, fetched.body),)
    with translation.override("ja"):
        return f"{told.text}\n{not_fetched(gone=not _is_too_large(fetched), most=api.MOST_CONTENT)}", ()


def _is_too_large(fetched: api.Answered) -> bool:
    return fetched.status is None and fetched.body.startswith(b"more than")


def _hand_over(row: Received, friend: Friend, text: str, files: tuple[File, ...], *, is_unsent: bool) -> None:
    name = row.about or row.event
    saying = Saying(
        id=name,
        user=row.user,
        called=friend.called,
        text=text,
        language=friend.language if friend.language in LANGUAGES else "ja",
        at=row.happened_at.isoformat(),
        follows=friend.said,
        files=files,
    )
    raw = encode(without_cards(saying))
    source = f"LINE {row.entry_point.address}"
    arrival = receive(raw=raw, entry_point=row.entry_point, source=source, channel=Channel.LINE)
    handled = handle(arrival, company=row.company_id) if arrival else None
    with scope.acting_for([row.company_id]):
        if handled is not None and handled.message_id:
            Friend.objects.filter(pk=friend.pk).update(said=external_id(name))
        if is_unsent or _unsent_meanwhile(row):
            _take_unsend(row)
        _finish(row)


def _unsent_meanwhile(row: Received) -> bool:
    unsent = Received.objects.filter(entry_point=row.entry_point_id, kind="unsend", about=row.about)
    return bool(row.about) and unsent.exists()


def _friend(row: Received, said: dict[str, Any]) -> Friend:
    """Who did it, with the token by which they can be answered, if it is fresh. Whoever does anything after they
    blocked us does not any more; what came before, and is told late, ends no block.
    """
    friend, _new = Friend.objects.get_or_create(
        entry_point_id=row.entry_point_id, user=row.user, defaults={"company_id": row.company_id}
    )
    token, until = str(said.get("replyToken") or "")[:100], row.happened_at + REPLY_WITHIN
    if token and until > clock.now() and (friend.reply_until is None or friend.reply_until < until):
        friend.reply_token, friend.reply_until = token, until
    if friend.blocked_at is not None and friend.blocked_at < row.happened_at:
        friend.blocked_at = None
    friend.save(update_fields=["reply_token", "reply_until", "blocked_at"])
    return friend


def _look_up(friend: Friend, account: Account) -> None:
    """What LINE tells of somebody, once a day. Who keeps it to themselves is nameless, and nothing fails by that."""
    if friend.profile_at and friend.profile_at > clock.now() - _PROFILE_FOR:
        return
    answer = api.get(account, f"/v2/bot/profile/{friend.user}")
    if not answer.ok:
        return
    friend.called = one_line(str(answer.told.get("displayName") or ""), most=200)
    friend.language = str(answer.told.get("language") or "")[:10]
    friend.profile_at = clock.now()
    with scope.acting_for([friend.company_id]):
        friend.save(update_fields=["called", "language", "profile_at"])


def _take_follow(row: Received, said: dict[str, Any]) -> None:
    with scope.acting_for([row.company_id]):
        friend = _friend(row, said)
        account = Account.objects.filter(entry_point=row.entry_point_id).first()
        if friend.followed_at is None or friend.followed_at < row.happened_at:
            Friend.objects.filter(pk=friend.pk).update(followed_at=row.happened_at)
            record(LineFollowed(**_where(row), friend=friend.pk), by=LINE)
        _finish(row)
    if account is not None:
        _look_up(friend, account)


def _take_link(row: Received, said: dict[str, Any]) -> None:
    """Somebody confirmed at LINE that the account is theirs, or LINE found that it is not."""
    told = said.get("link")
    told = told if isinstance(told, dict) else {}
    nonce, confirmed = str(told.get("nonce") or ""), told.get("result") == "ok"
    with scope.acting_for([row.company_id]):
        if link(row.entry_point, user=row.user, nonce=nonce, confirmed=confirmed):
            tell_joined(_friend(row, said))
            _finish(row)
        else:
            _finish(row, State.ASIDE, "what is to be linked was not asked for, or counts no more")


def _take_block(row: Received) -> None:
    """Whoever has done anything since has not blocked us any more, in whatever order it is told."""
    friend, _new = Friend.objects.get_or_create(
        entry_point_id=row.entry_point_id, user=row.user, defaults={"company_id": row.company_id}
    )
    later = Received.objects.filter(entry_point=row.entry_point_id, user=row.user).exclude(pk=row.pk)
    if friend.blocked_at is None and not later.filter(happened_at__gt=row.happened_at).exists():
        Friend.objects.filter(pk=friend.pk).update(blocked_at=row.happened_at, reply_token="")
        record(LineBlocked(**_where(row), friend=friend.pk), by=LINE)


def _take_unsend(row: Received) -> None:
    """LINE asks that what was unsent can be seen and used no more. Only who said it takes it back."""
    said = Message.objects.filter(company_id=row.company_id, external_id=external_id(row.about))
    message = said.filter(sender_address=row.user, author=Message.Author.CUSTOMER).first()
    if message is None:
        return
    empty(message.pk)
    unsend(message.pk, by=LINE)


def _later(row: Received) -> bool:
    """Whether it is tried again; not after the last pause."""
    if row.tries >= len(PAUSES):
        return False
    at = clock.now() + timedelta(seconds=PAUSES[row.tries])
    with scope.acting_for([row.company_id]):
        Received.objects.filter(pk=row.pk).update(tries=row.tries + 1, due_at=at)
        who = f"{row.entry_point_id}-{row.user}"
        jobs.schedule_again(row.pk, company=row.company_id, who=who, at=at)
    return True


def _finish(row: Received, state: State = State.DONE, why: str = "") -> None:
    Received.objects.filter(pk=row.pk).update(state=state, body="", why=why)


def _where(row: Received) -> dict[str, int]:
    point = row.entry_point
    return {"company": row.company_id, "desk": point.desk_id, "entry_point": point.pk}
