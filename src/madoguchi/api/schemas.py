"""What programs send and get, as pydantic reads and writes it."""

from datetime import datetime

from ninja import Schema
from pydantic import ConfigDict, Field

from madoguchi.cases.models import Priority, Status


class Me(Schema):
    """Whom the token acts for, and what it opens."""

    name: str
    permissions: list[str] = Field(examples=[["case.read", "customer.read"]])
    companies: list[str] = Field(description="Short names", examples=[["hanamoto"]])


class DeskOut(Schema):
    """A desk at which the token reads cases."""

    id: int
    name: str = Field(examples=["ご注文窓口"])
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


class CustomerOut(Schema):
    """A customer. What the contract masks is masked, what it hides is empty."""

    id: int
    name: str
    kana: str
    emails: list[str]
    phones: list[str]
    address: str
    memo: str


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


class WholeCaseOut(CaseOut):
    """A case with its last fifty messages and the notes among them."""

    version: int
    opened_at: datetime
    solved_at: datetime | None
    messages: list[MessageOut]
    notes: list[NoteOut]
    earlier: datetime | None = Field(
        description="Give it as `before` for what was said earlier; null: this is all"
    )


class CaseIn(Schema):
    """What to change in a case; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    priority: Priority | None = None
    tags: list[str] | None = Field(
        default=None, description="All of them: they take the place of those before"
    )
    summary: str = Field(
        default="", description="With `solved`: what it was about, in a line; some desks ask for it"
    )
