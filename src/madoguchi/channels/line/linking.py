"""Making one record of a LINE user and a customer who is known by mail: each shown to be theirs, and confirmed by them.

The way there is sent by LINE alone, and a code by mail alone. Who holds both confirms at LINE, which looks that it is
the very user whom we asked it to look for (its link token), and hands our nonce back by the webhook: a way that
was passed on to somebody else connects nothing of theirs. The records are joined as the member of staff who invited
them might join them, within one company, and can be parted again in the console.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Answering, held_case, join_customers, write_answer
from madoguchi.cases.models import Case, Message
from madoguchi.cases.policies import may_reply
from madoguchi.channels.line import api
from madoguchi.channels.line.events import LineLinked, LineLinkOffered
from madoguchi.channels.line.models import Account, Friend, LinkCode
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import first_mail_point
from madoguchi.customers.actions import find_or_create
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.policies import may_join
from madoguchi.delivery import queue
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import require_typed_address
from madoguchi.infra import limits, scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.text import one_line
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

LINE = system("line")
INVITED_FOR, CODE_FOR = timedelta(hours=24), timedelta(minutes=15)
MOST_TRIES, MOST_CODES, HOUR = 5, 5, 3600
# As long as LINE's own link token counts.
NONCE_BYTES, NONCE_FOR = 32, timedelta(minutes=10)
DIALOG = "https://access.line.me/dialog/bot/accountLink"
_SALT = "madoguchi.line.invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a signed page is for, in which case, and on whose word."""

    friend: Friend
    case: Case
    inviter: User


@transaction.atomic
def invite(case: Case, *, by: Actor) -> Outgoing:
    """Send the customer of a case, by LINE, the way to the page on which they show who they are. Nobody else sees it.

    Raises NotAllowed for who may not answer or join records; Refused where nobody wrote by LINE, or no mail can leave.
    """
    case = held_case(case.pk)
    if not may_reply(by, case) or not may_join(by, company=case.company_id) or by.id is None:
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    friend = _friend_in(case)
    if first_mail_point(case.desk_id) is None:
        raise Refused(_("This desk has no mail address to answer from. Add one in the settings."))
    signed = signing.dumps([case.company_id, friend.pk, case.pk, by.id], salt=_SALT)
    with translation.override(ours_for(case.language)):
        words = _("Here you can connect your LINE with your records with us, within 24 hours:")
        said = _("The way to connect LINE with the customer's record")
    link = urljoin(settings.BASE_URL, reverse("portal:line_linking", args=[signed]))
    outgoing = _send(case, friend.entry_point, friend.user, said, f"{words}\n{link}")
    record(LineLinkOffered(**case.where, friend=friend.pk), by=by)
    return outgoing


def open_invitation(signed: str) -> Invitation:
    """Whom a signed page is for. Raises NotFound for one not made here, or made too long ago."""
    try:
        company, friend, case, user = signing.loads(signed, salt=_SALT, max_age=INVITED_FOR)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound("link") from error
    with scope.acting_for([company]):
        found = Friend.objects.select_related("entry_point__desk", "company").filter(pk=friend).first()
        there = Case.objects.select_related("desk", "customer").filter(pk=case).first()
    inviter = User.objects.filter(pk=user).first()
    if found is None or there is None or inviter is None or found.blocked_at:
        raise NotFound("link")
    return Invitation(found, there, inviter)


@transaction.atomic
def send_code(invitation: Invitation, *, address: str) -> None:
    """Send a code to a mail address, known here or not. Raises Refused for what is none, TooOften for very many."""
    friend, case = invitation.friend, invitation.case
    written = one_line(address)
    try:
        validate_email(canonical(IdentityKind.EMAIL, written))
    except ValidationError as error:
        words = _("This does not look like a mail address. Enter it as in misaki@example.jp.")
        raise Refused(words, field="address") from error
    limits.count(f"line:code:{friend.pk}", most=MOST_CODES, seconds=HOUR)
    require_typed_address(case, Party(address=written))
    code = f"{secrets.randbelow(10**6):06}"
    LinkCode.objects.create(
        company_id=friend.company_id,
        friend=friend,
        address=written[:254],
        digest=_digest(friend, code),
        until=clock.now() + CODE_FOR,
    )
    point = first_mail_point(case.desk_id)
    if point is None:
        raise Refused(_("This desk has no mail address to answer from. Add one in the settings."))
    with translation.override(ours_for(case.language)):
        words = _("Your code is %(code)s. Enter it within 15 minutes on the page that you opened from LINE.")
        unasked = _("If you have not asked for it, please disregard this mail and tell nobody the code.")
        said = _("A code to connect LINE with the customer's record")
    subject = queue.subject_about(case, said)
    _send(case, point, written, said, f"{words % {'code': code}}\n{unasked}", subject=subject)


def confirm(invitation: Invitation, *, code: str) -> str:
    """Where at LINE the friend confirms that the account is theirs, given the code that was sent last.

    Raises Refused for any other, or one that counts no more, and while LINE gives no link token; NotAllowed where the
    inviter may not join records any more. It opens its own scopes: that a try was made is kept whatever comes of it,
    and nothing is asked of LINE within a transaction.
    """
    friend = invitation.friend
    with scope.acting_for([friend.company_id]):
        right = _right_code(friend, code)
        account = Account.objects.filter(entry_point=friend.entry_point_id).first()
    if right is None:
        raise _not_right()
    if not may_join(actor_of(invitation.inviter), company=friend.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    told = api.post(account, f"/v2/bot/user/{friend.user}/linkToken", {}).told if account else {}
    token = told.get("linkToken")
    if not isinstance(token, str) or not token:
        raise Refused(
            _("LINE does not answer at the moment. Press the button again in a minute."), field="code"
        )
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    with scope.acting_for([friend.company_id]):
        _remember(right, nonce, invitation.inviter)
    return f"{DIALOG}?{urlencode({'linkToken': token, 'nonce': nonce})}"


def link(point: EntryPoint, *, user: str, nonce: str, confirmed: bool) -> bool:
    """Join the records of whom LINE says that they confirmed; whether they are joined.

    The nonce counts once, for the very user of the very account for whom it was made, and for minutes: whatever LINE
    says of it, it is used up. To be called in a transaction.
    """
    codes = LinkCode.objects.select_for_update(of=("self",)).select_related("friend__entry_point", "inviter")
    code = codes.filter(friend__entry_point=point, nonce=_digest_of_nonce(nonce)).first() if nonce else None
    if code is None:
        return False
    LinkCode.objects.filter(pk=code.pk).update(nonce="")
    late = code.nonce_until is None or code.nonce_until <= clock.now()
    if not confirmed or late or code.used_at or code.friend.user != user or code.inviter is None:
        return False
    by = actor_of(code.inviter)
    if not may_join(by, company=point.company_id):
        return False
    _join(code, by)
    return True


def tell_joined(friend: Friend) -> Outgoing | None:
    """Tell somebody by LINE that the two are connected, in the case of what they said there last; with the reply token
    of their confirmation it is not counted. None where they said nothing that is kept.
    """
    said = Message.objects.filter(company_id=friend.company_id, sender_address=friend.user)
    last = said.filter(external_id=friend.said).select_related("case").first() if friend.said else None
    if last is None:
        return None
    case = held_case(last.case.continued_in_id or last.case_id)
    with translation.override(ours_for(case.language)):
        words = _(
            "Your LINE and your records with us are connected now. You need not tell us again who you are."
        )
        unasked = _("If this was not you, tell us here.")
    return _send(case, friend.entry_point, friend.user, words, f"{words}\n{unasked}")


def _right_code(friend: Friend, code: str) -> int | None:
    """Which code this is, if it is the newest. Each try counts, also one that is refused: it is written down before
    the code is looked at.
    """
    open_codes = LinkCode.objects.filter(friend=friend, used_at=None, until__gt=clock.now())
    newest = open_codes.order_by("-pk").first()
    if newest is None:
        return None
    counted = LinkCode.objects.filter(pk=newest.pk, used_at=None, tries__lt=MOST_TRIES)
    if not counted.update(tries=F("tries") + 1):
        return None
    return newest.pk if constant_time_compare(newest.digest, _digest(friend, one_line(code))) else None


def _remember(right: int, nonce: str, inviter: User) -> None:
    """By what LINE tells of this very code. Another may have been asked for since, to any address: it shows nothing of
    its owner.
    """
    kept: dict[str, Any] = {"nonce": _digest_of_nonce(nonce), "nonce_until": clock.now() + NONCE_FOR}
    if not LinkCode.objects.filter(pk=right, used_at=None).update(inviter=inviter, **kept):
        raise _not_right()


def _not_right() -> Refused:
    return Refused(_("This code is not right, or counts no more. Have a new one sent."), field="code")


def _join(code: LinkCode, by: Actor) -> None:
    """Join the friend with whom this very code was sent to; all their codes are used up."""
    friend, company = code.friend, code.company_id
    LinkCode.objects.filter(friend=friend).update(used_at=clock.now(), nonce="")
    theirs = Identity.objects.get(company_id=company, kind=IdentityKind.LINE, value=friend.user).customer
    known = find_or_create(
        company=company,
        kind=IdentityKind.EMAIL,
        party=Party(address=code.address),
        language=theirs.language,
        by=LINE,
    )
    if known != theirs.pk:
        join_customers(theirs, into=Customer.objects.get(pk=known), by=by)
    point = friend.entry_point
    about = {"company": company, "desk": point.desk_id, "entry_point": point.pk}
    record(LineLinked(**about, friend=friend.pk, customer=known), by=LINE)


def _friend_in(case: Case) -> Friend:
    said = Message.objects.filter(case=case, author=Message.Author.CUSTOMER, channel=Channel.LINE)
    last = said.select_related("contact").order_by("-at", "-id").first()
    friends = Friend.objects.select_related("entry_point__desk")
    point = last.contact.entry_point_id if last else None
    found = friends.filter(entry_point_id=point, user=last.sender_address).first() if last else None
    if found is None or found.blocked_at:
        raise Refused(_("Nobody who can be reached by LINE has written in this case."))
    return found


def _send(case: Case, point: EntryPoint, to: str, said: str, text: str, *, subject: str = "") -> Outgoing:
    """What the case shows is `said`; what leaves is `text`, which is for the customer alone."""
    answering = Answering(
        text=said,
        to=(Party(address=to),),
        external_id=queue.new_external_id(case, point),
        subject=subject or queue.subject_of(case),
        sender=queue.sender(point),
        automatic="invitation",
        channel=Channel(point.kind),
    )
    message = write_answer(case, answering, by=LINE)
    return queue.enqueue(message, case, point, text=text)


def _digest_of_nonce(nonce: str) -> str:
    return salted_hmac(_SALT, f"nonce {nonce}", algorithm="sha256").hexdigest()


def _digest(friend: Friend, code: str) -> str:
    return salted_hmac(_SALT, f"{friend.pk} {code}", algorithm="sha256").hexdigest()
