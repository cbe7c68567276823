"""What programs send and get, as pydantic reads and writes it."""

import base64
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from madoguchi.cases.identity import Reason
from madoguchi.cases.models import Priority, Severity, Status
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.languages import Language

MOST_TEXT = 100_000


def _from_base64(given: Any) -> bytes:
    """Strictly: what is no Base64 may be half of a file."""
    if not isinstance(given, str):
        raise ValueError("must be Base64")
    return base64.b64decode(given, validate=True)


_LOOKS_LIKE = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "pattern": _LOOKS_LIKE}),
]


class Me(Schema):
    """Whom the token acts for, and what it opens."""

    name: str
    permissions: list[str] = Field(examples=[["case.read", "customer.read"]])
    companies: list[str] = Field(description="Short names", examples=[["hanamoto"]])


class DeskOut(Schema):
    """A desk at which the token reads cases."""

    id: int
    name: str = Field(examples=["ご注文窓口"])
    kind: str = Field(examples=["customers", "technical", "help", "orders", "main", "complaints", "recall"])
    public_name: str = Field(description="The name that customers see", examples=["はなもと電器 ご注文窓口"])
    greeting: str = Field(description="What its people say first", examples=["ご注文窓口でございます。"])
    company: str = Field(description="The company's short name", examples=["hanamoto"])


class CaseOut(Schema):
    """One case as lists show it."""

    number: str = Field(examples=["HM-1001"])
    desk: int
    subject: str = Field(examples=["炊飯器について"])
    status: str = Field(examples=["open"])
    priority: int = Field(examples=[2])
    tags: list[str]
    customer: str | None = Field(description="The name as far as it may be seen; null without customer.read")
    assignee: str | None
    touched_at: datetime
    waiting_since: datetime | None
    undelivered: bool


class CasesOut(Schema):
    """A page of cases, the one touched last first."""

    items: list[CaseOut]
    next: str | None = Field(description="Give it as `cursor` for the next page; null at the end")


class AddressOut(Schema):
    """A mail address, a phone number or a member number of a customer, and how we know that it is theirs."""

    kind: str = Field(description="`email`, `phone` or `member`")
    written: str
    verified_how: str = Field(
        description="`mail` (one was answered), `call`, `code`, `document`, `told`; empty: nobody has made sure"
    )
    verified_at: datetime | None
    verified_by: str = Field(description="who made sure; empty where it came about by itself")


class CustomerOut(Schema):
    """A customer. What the contract masks is masked, what it hides is empty."""

    id: int
    name: str
    kana: str
    emails: list[str]
    phones: list[str]
    members: list[str]
    addresses: list[AddressOut]
    former_names: list[str]
    address: str
    memo: str


class PlaceOut(Schema):
    """A postal address of a customer beside that of the record; masked as that is."""

    written: str
    how: str = Field(
        description="How we know: `sent` (ordered there), `told` or `arrived` (goods arrived there)"
    )
    at: datetime


class FileOut(Schema):
    """A file of a message, without its content."""

    name: str
    content_type: str
    size: int


class MessageOut(Schema):
    """What was said, by the customer or by us."""

    id: int
    at: datetime
    inbound: bool
    channel: str
    sender: str | None
    text: str
    files: list[FileOut]
    delivery: str | None = Field(description="The state of one of ours: queued, sending, sent, failed …")


class NoteOut(Schema):
    """What only staff see."""

    id: int
    at: datetime
    by: str
    text: str


class LinkOut(Schema):
    """Another case, and what it is to this one."""

    role: str = Field(examples=["parent", "duplicate"])
    number: str


class PendingOut(Schema):
    """An answer that is written and has not left."""

    id: int
    state: str = Field(examples=["scheduled", "awaiting", "held", "returned"])
    by: str
    text: str
    leaves_at: datetime | None
    why: str = Field(description="Why it is held, in a word")


class FieldOut(Schema):
    """Something that the desk of its own wants to know of a case."""

    id: int
    name: str = Field(examples=["原因"])
    kind: str = Field(examples=["choice"])
    value: str = Field(description="In words, as the console shows it; empty for none")
    asked: bool = Field(description="False for one that is asked no more and has a value")
    required: bool = Field(description="Whether the case is not solved without it")


class WholeCaseOut(CaseOut):
    """A case with its last fifty messages and the notes among them."""

    version: int
    severity: int = Field(
        description="How grave it is for whoever has the trouble: 0 (not judged) to 4", examples=[3]
    )
    former_number: str = Field(description="In the system it came from; empty for one that began here")
    opened_at: datetime
    solved_at: datetime | None
    tasks_left: int = Field(description="Not done yet; some desks refuse to solve a case before they are")
    own_fields: list[FieldOut] = Field(description="What the desk of its own wants to know")
    messages: list[MessageOut]
    notes: list[NoteOut]
    links: list[LinkOut]
    pending: list[PendingOut] = Field(description="Empty for who does not work at the desk")
    earlier: datetime | None = Field(
        description="Give it as `before` for what was said earlier; null: this is all"
    )


class ViewOut(Schema):
    """A saved view."""

    id: int
    name: str
    audience: str = Field(examples=["owner", "desk", "company"])
    company: str
    desk: int | None


class EventOut(Schema):
    """That something happened, and where; ask for the case to know more."""

    id: int
    type: str = Field(examples=["case.opened"])
    at: datetime
    company: str
    desk: int | None
    case: str | None = Field(examples=["HM-1001"])
    by: str = Field(examples=["person", "customer", "system"])
    data: dict[str, Any]


class EventsOut(Schema):
    """A page of events in the order in which they were committed."""

    items: list[EventOut]
    next: str = Field(description="Give it as `after` for what comes next; there is always one")
    more: bool = Field(description="Whether to ask again at once")


class CaseIn(Schema):
    """What to change in a case; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    priority: Priority | None = None
    severity: Severity | None = None
    tags: list[str] | None = Field(
        default=None, description="All of them: they take the place of those before"
    )
    customer: int | None = Field(
        default=None,
        description="The id of the customer whose case it becomes, with what its customer of now said in it",
    )
    own_fields: dict[str, str] | None = Field(
        default=None,
        description="What the desk of its own wants to know, by the field's name or id; an empty value takes it away",
        examples=[{"原因": "配送"}],
    )
    summary: str = Field(
        default="", description="With `solved`: what it was about, in a line; some desks ask for it"
    )


class ContactOut(Schema):
    """One touch on one channel: what is counted in figures and bills."""

    id: int
    at: datetime
    channel: str = Field(examples=["email"])
    inbound: bool = Field(description="Whether the customer turned to us")
    entry_point: str = Field(description="What it came in at, or left from; empty where nobody knows")
    messages: list[int] = Field(description="The ids of what was said")


class ContactsOut(Schema):
    """A page of the contacts of a case."""

    items: list[ContactOut]
    next: int | None = Field(description="Give it as `after` for what comes next; null: this is all")


class TaskOut(Schema):
    """Something to be done in a case."""

    id: int
    case: str = Field(description="Where it is worked on", examples=["HM-1001"])
    title: str = Field(examples=["部品を手配する"])
    owner: str | None = Field(description="Whose it is, by name")
    due_at: datetime | None
    minutes: int | None = Field(description="How long it should take")
    done_at: datetime | None
    done_by: str | None
    version: int


_OWNER = "`me`, the mail address of somebody who works at the desk, or null for nobody"


class NewTaskIn(Schema):
    """Something that is to be done."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["部品を手配する"])
    owner: str | None = Field(default=None, max_length=254, description=_OWNER)
    due_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=6000)


class TaskIn(Schema):
    """What to change in a task; what is left out stays as it is, and null takes away."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(default=None, min_length=1, max_length=200)
    owner: str | None = Field(default=None, max_length=254, description=_OWNER)
    due_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=6000)
    done: bool | None = None


class TaskMade(Schema):
    """The task that was set."""

    id: int


class StepOut(Schema):
    """One task to be."""

    title: str
    minutes: int | None = Field(description="How long it should take")
    after: int | None = Field(
        description="How long after the plan is applied it is due; null: at no set time"
    )
    unit: str = Field(description="Of `after`: minutes, hours or days", examples=["hours"])
    owner: str = Field(description="Whose: nobody's (empty), `responsible`, or `me`, who applies the plan")


class PlanOut(Schema):
    """A plan that can be applied to a case."""

    id: int
    name: str = Field(examples=["不良品の交換"])
    steps: list[StepOut]


class PlanIn(Schema):
    """Which plan to apply."""

    model_config = ConfigDict(extra="forbid")

    plan: int = Field(ge=1, le=2**63 - 1)


class PlanMade(Schema):
    """The tasks that came of the plan, in order."""

    plan: int
    tasks: list[int]


class FileIn(Schema):
    """A file to go along."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=255, examples=["領収書.pdf"])
    content_type: str = Field(default="application/octet-stream", max_length=100)
    content: Base64

    def as_file(self) -> File:
        """The file as the product has it."""
        return File(self.name, self.content_type, self.content)


class SenderIn(Schema):
    """Who turns to the desk."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254, examples=["misaki@home.example"])
    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=50)


class NewCaseIn(Schema):
    """A matter of a customer's, in the customer's words."""

    model_config = ConfigDict(extra="forbid")

    desk: int
    customer: SenderIn
    subject: str = Field(default="", max_length=500)
    text: str = Field(min_length=1, max_length=MOST_TEXT)
    language: Language = "ja"
    files: list[FileIn] = Field(default=[], max_length=20)


class CaseMade(Schema):
    """Where the case is."""

    number: str = Field(examples=["HM-1001"])


class NoteIn(Schema):
    """What only staff see; `@name` tells that person, or all who work at the desk of that name."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MOST_TEXT)
    confirmed: list[str] = Field(default=[], description="Keys of the `questions` that are answered by yes")


class NoteMade(Schema):
    """The note in the case."""

    id: int


class PartyIn(Schema):
    """Somebody to whom an answer goes."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=200)

    def as_party(self) -> Party:
        """The addressee as the product has them."""
        return Party(address=self.email, name=self.name)


class ReplyIn(Schema):
    """An answer to the customer."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MOST_TEXT)
    to: list[PartyIn] = Field(default=[], max_length=50, description="Empty: the customer")
    cc: list[PartyIn] = Field(default=[], max_length=50)
    bcc: list[PartyIn] = Field(default=[], max_length=50)
    status: Status = Field(default=Status.WAITING_CUSTOMER, description="What the case becomes")
    at: AwareDatetime | None = Field(default=None, description="When to let it leave; null: now")
    word: str = Field(default="", max_length=500, description="To the senior, where answers are approved")
    confirmed: list[str] = Field(default=[], description="Keys of the `questions` that are answered by yes")
    files: list[FileIn] = Field(default=[], max_length=20)


class ReplyMade(Schema):
    """What became of the answer: it leaves (`message`), or it waits (`pending`) for its time or for a senior."""

    state: str = Field(examples=["queued", "scheduled", "awaiting"])
    message: int | None
    pending: int | None
    leaves_at: datetime | None = Field(description="Null while a senior is to approve it")


FormerName = Annotated[str, StringConstraints(max_length=200)]


class CustomerIn(Schema):
    """What to change of a customer; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200)
    kana: str | None = Field(default=None, max_length=200)
    address: str | None = Field(default=None, max_length=300)
    memo: str | None = Field(default=None, max_length=MOST_TEXT)
    emails: list[str] | None = Field(
        default=None,
        max_length=20,
        description="All of them, the main one first: they take the place of those before",
    )
    phones: list[str] | None = Field(default=None, max_length=20, description="The same of phone numbers")
    members: list[str] | None = Field(default=None, max_length=20, description="The same of member numbers")
    former_names: list[FormerName] | None = Field(
        default=None, max_length=10, description="All that they were called before"
    )
    because: Reason | None = Field(
        default=None,
        description="Why one goes on, where less was checked of who they are than the company wants",
    )


class NewCustomerIn(Schema):
    """A customer who has not turned to a desk yet."""

    model_config = ConfigDict(extra="forbid")

    company: str = Field(description="The company's short name", examples=["hanamoto"])
    name: str = Field(default="", max_length=200)
    kana: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=300)
    memo: str = Field(default="", max_length=MOST_TEXT)
    emails: list[str] = Field(default=[], max_length=20)
    phones: list[str] = Field(default=[], max_length=20)
    members: list[str] = Field(default=[], max_length=20)
    former_names: list[FormerName] = Field(default=[], max_length=10)


class CustomerMade(Schema):
    """Where the customer is."""

    id: int


class ReservationOut(Schema):
    """A time that a customer has, holds for the moment, waits for, or gave up; the remark through the data scope."""

    id: int
    number: str = Field(examples=["V-1001"])
    customer: int
    state: str = Field(examples=["booked"])
    store: str
    resource: str
    begins: datetime
    ends: datetime
    people: int
    note: str
    held_until: datetime | None
