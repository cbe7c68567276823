"""What the lists of administration show. Each is limited to what the actor's grants reach."""

import email
import email.policy
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet

from madoguchi.cases.models import Message
from madoguchi.channels.email.headers import text_of
from madoguchi.channels.email.models import DkimKey, Mailbox, OAuthAccount, SentMail, SmtpServer
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.customers.queries import with_addresses_shown
from madoguchi.delivery.models import Outgoing
from madoguchi.intake.models import Arrival, RawArrival, SenderRule
from madoguchi.intake.senders import may_rule_senders, rules_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.own_pages import blot_own_pages, blot_own_pages_in
from madoguchi.kernel.text import clean
from madoguchi.people.models import CompanyMember, OperatorMember, User
from madoguchi.people.policies import companies_managed, operators_managed

MOST_SHOWN = 20_000
Row = TypeVar("Row", bound=Model)


def in_reach(actor: Actor, permission: Permission, *, company: str = "company_id", desk: str) -> Q:
    """Rows of companies held as a whole, or of single desks held alone."""
    wide = Q(**{f"{company}__in": actor.companies_with(permission)})
    return wide | Q(**{f"{desk}__in": actor.desks_with(permission)})


def companies() -> QuerySet[Company]:
    """All companies in scope."""
    return Company.objects.order_by("name")


def operators() -> QuerySet[OperatorCompany]:
    """All operators of the installation with how many people and engagements each has."""
    counted = OperatorCompany.objects.select_related("own_of").annotate(
        people=Count("members", distinct=True)
    )
    return counted.annotate(engaged=Count("engagements", distinct=True)).order_by("name")


def company(pk: int) -> Company:
    """A company in scope; raises NotFound."""
    return _one(Company.objects.filter(pk=pk))


def operator(pk: int) -> OperatorCompany:
    """An operator; raises NotFound."""
    return _one(OperatorCompany.objects.filter(pk=pk))


def engagements(actor: Actor) -> QuerySet[Engagement]:
    """Engagements of the companies whose desks the actor sets up."""
    rows = Engagement.objects.select_related("company", "desk", "operator")
    return rows.filter(company_id__in=actor.companies_with(Permission.DESKS))


def desks(actor: Actor) -> QuerySet[Desk]:
    """Open and closed desks that the actor sets up, with their entry points."""
    points = EntryPoint.objects.order_by("kind", "id")
    rows = Desk.objects.select_related("company").filter(in_reach(actor, Permission.DESKS, desk="pk"))
    return rows.order_by("company__name", "-active", "position", "id").prefetch_related(
        Prefetch("entry_points", queryset=points)
    )


def entry_points(actor: Actor) -> QuerySet[EntryPoint]:
    """Entry points of those desks."""
    rows = EntryPoint.objects.select_related("company", "desk")
    return rows.filter(in_reach(actor, Permission.DESKS, desk="desk_id")).order_by(
        "company__name", "desk_id", "kind", "id"
    )


def mail_entry_points(actor: Actor) -> QuerySet[EntryPoint]:
    """Mail addresses with their servers, without the servers' passwords."""
    rows = EntryPoint.objects.select_related("company", "desk").filter(kind=Channel.EMAIL)
    return (
        rows.filter(in_reach(actor, Permission.MAIL_SERVERS, desk="desk_id"))
        .prefetch_related(
            Prefetch("mailbox", queryset=Mailbox.objects.defer("password")),
            Prefetch("smtp_server", queryset=SmtpServer.objects.defer("password")),
        )
        .order_by("company__name", "desk_id", "id")
    )


def may_see_all_of(company: int, *, actor: Actor) -> bool:
    """Whether nothing of the company's customers is kept from the actor; raw mail would show all of it."""
    kept = actor.data_scope(company=company)
    return not kept.masked | kept.hidden


def without_addresses(text: str, *, company: int, reader: Actor) -> str:
    """A text with the mail addresses in it as the reader may see them."""
    return with_addresses_shown(text, reader.data_scope(company=company))


def mailbox_of(point: EntryPoint) -> Mailbox | None:
    """The mailbox of an entry point; its password is read only when it is used."""
    return Mailbox.objects.select_related("entry_point").defer("password").filter(entry_point=point).first()


def oauth_account_of(point: EntryPoint) -> OAuthAccount | None:
    """Who asks for tokens to an entry point's mail account, without the secret and without the tokens."""
    rows = OAuthAccount.objects.select_related("entry_point").defer(
        "client_secret", "access_token", "refresh_token"
    )
    return rows.filter(entry_point=point).first()


def dkim_keys_of(point: EntryPoint) -> list[DkimKey]:
    """The keys of an address's domain, the one in use first, without the secret half."""
    return list(DkimKey.of(point))


def dkim_key_of(point: EntryPoint, key: int) -> DkimKey:
    """One of these keys. Raises NotFound."""
    found = next((one for one in dkim_keys_of(point) if one.pk == key), None)
    if found is None:
        raise NotFound(key)
    return found


def smtp_server_of(point: EntryPoint) -> SmtpServer | None:
    """The mail server of an entry point; its password is read only when it is used."""
    rows = SmtpServer.objects.select_related("entry_point__desk").defer("password")
    return rows.filter(entry_point=point).first()


def with_places(people: QuerySet[User], actor: Actor) -> QuerySet[User]:
    """People with the roles that the actor looks after; where else they work is not told."""
    members = OperatorMember.objects.select_related("operator")
    staff = CompanyMember.objects.select_related("company")
    if not actor.runs_installation:
        members = members.filter(operator_id__in=operators_managed(actor))
        staff = staff.filter(company_id__in=companies_managed(actor))
    return people.prefetch_related(
        Prefetch("operator_memberships", members), Prefetch("company_memberships", staff)
    )


def quarantined(actor: Actor) -> QuerySet[Arrival]:
    """What could not be handled at the actor's desks, newest first."""
    return _arrivals(actor, Permission.QUARANTINE).filter(state=Arrival.State.QUARANTINED)


def quarantined_one(actor: Actor, pk: int) -> Arrival:
    """One arrival at the actor's desks, quarantined or handled since; raises NotFound."""
    return _one(_arrivals(actor, Permission.QUARANTINE).select_related("company").filter(pk=pk))


def kept_out(actor: Actor) -> QuerySet[Arrival]:
    """What was taken for spam at the actor's desks, newest first."""
    return _arrivals(actor, Permission.SPAM).filter(state=Arrival.State.SPAM)


def kept_out_one(actor: Actor, pk: int) -> Arrival:
    """One arrival at the actor's desks, kept out or taken in since; raises NotFound."""
    return _one(_arrivals(actor, Permission.SPAM).select_related("company").filter(pk=pk))


def _arrivals(actor: Actor, permission: Permission) -> QuerySet[Arrival]:
    reach = in_reach(actor, permission, desk="entry_point__desk_id")
    return Arrival.objects.select_related("entry_point__desk").filter(reach).order_by("-arrived_at", "-id")


def companies_for_senders(actor: Actor) -> list[Company]:
    """The companies whose lists of senders the actor keeps."""
    return [c for c in companies() if may_rule_senders(actor, c.pk)]


def sender_rule(actor: Actor, pk: int) -> SenderRule:
    """A rule of a list that the actor keeps; raises NotFound."""
    return _one(rules_of(actor).filter(pk=pk))


def raw_text(arrival: Arrival, actor: Actor) -> str:
    """The beginning of what arrived, as text that is safe to show; nothing for readers from whom the data scope
    keeps anything.
    """
    if not may_see_all_of(arrival.company_id, actor=actor):
        return ""
    raw = RawArrival.objects.filter(arrival=arrival).first()
    return clean(blot_own_pages_in(bytes(raw.content[:MOST_SHOWN])).decode("utf-8", "replace")) if raw else ""


def sent_mail(actor: Actor) -> QuerySet[SentMail]:
    """Mail in the built-in outbox that left from the actor's desks, newest first."""
    left = Outgoing.objects.filter(company_id=OuterRef("company_id"), external_id=OuterRef("external_id"))
    here = Exists(left.filter(message__case__desk_id__in=actor.desks_with(Permission.OUTBOX)))
    rows = SentMail.objects.filter(Q(company_id__in=actor.companies_with(Permission.OUTBOX)) | here)
    return rows.order_by("-sent_at", "-id").select_related("company")


def sent_mail_one(actor: Actor, pk: int) -> SentMail:
    """One of those; raises NotFound, or NotAllowed for readers from whom the data scope keeps anything."""
    found = _one(sent_mail(actor).filter(pk=pk))
    if not may_see_all_of(found.company_id, actor=actor):
        raise NotAllowed(Permission.CUSTOMER_READ)
    return found


def troubled(actor: Actor) -> QuerySet[Outgoing]:
    """Messages of the actor's desks that did not reach the customer, newest first."""
    rows = Outgoing.objects.filter(state__in=[Outgoing.State.FAILED, Outgoing.State.BOUNCED])
    reach = in_reach(actor, Permission.OUTBOX, desk="message__case__desk_id")
    return rows.filter(reach).select_related("message__case__desk", "company").order_by("-created_at", "-id")


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as people read it: headers, text, and what hangs on it. HTML is given as source, never drawn."""

    headers: list[tuple[str, str]]
    text: str
    html_source: str
    files: list[str]
    bears_key: bool


def read_mail(mail: SentMail) -> ReadMail:
    """Take a mail of the outbox apart for showing, without the keys to customers' own pages that it may bear."""
    message = email.message_from_bytes(bytes(mail.raw), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = _body(message, "plain"), _body(message, "html")
    shown = ReadMail(
        headers=[(name, blot_own_pages(text_of(raw))) for name, raw in message.raw_items()],
        text=blot_own_pages(text),
        html_source=blot_own_pages(html),
        files=[
            blot_own_pages(part.get_filename() or part.get_content_type())
            for part in message.iter_attachments()
        ],
        bears_key=False,
    )
    return replace(shown, bears_key=(shown.text, shown.html_source) != (text, html))


def message_sent(mail: SentMail) -> Message | None:
    """The message of a case that left as this mail."""
    left = Message.objects.select_related("case").filter(company_id=mail.company_id)
    return left.filter(external_id=mail.external_id).exclude(author=Message.Author.CUSTOMER).first()


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return clean(part.get_content()) if part is not None else ""


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found
