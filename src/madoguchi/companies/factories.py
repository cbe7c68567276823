"""Companies and what belongs to them, made for tests.

`new_…` gives a row that is not stored yet, for many at once; `make_…` stores it and opens the scope it needs by itself.
"""

from datetime import date
from itertools import count
from typing import TypeVar

from django.db.models import Model

from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.infra import scope
from madoguchi.kernel.actor import EVERYTHING_SHOWN, DataScope, OperatingModel
from madoguchi.kernel.channel import Channel

_numbers = count(1)
Row = TypeVar("Row", bound=Model)
_REASON = "a factory makes what a test asks for, whosever it is"


def new_company(*, name: str = "", slug: str = "", prefix: str = "") -> Company:
    """A company, with a name, a slug and case letters of its own."""
    number = next(_numbers)
    return Company(
        name=name or f"株式会社あおい{number}",
        slug=slug or f"aoi-{number}",
        prefix=prefix or _letters(number),
    )


def make_company(*, name: str = "", slug: str = "", prefix: str = "") -> Company:
    """A company as `new_company` gives it."""
    return _stored(new_company(name=name, slug=slug, prefix=prefix))


def new_desk(company: Company, *, name: str = "", active: bool = True) -> Desk:
    """A desk of the company."""
    name = name or f"お客様窓口{next(_numbers)}"
    return Desk(company=company, name=name, public_name=name, active=active)


def make_desk(company: Company, *, name: str = "", active: bool = True) -> Desk:
    """A desk as `new_desk` gives it."""
    return _stored(new_desk(company, name=name, active=active))


def new_entry_point(
    desk: Desk, *, kind: Channel = Channel.EMAIL, address: str = "", active: bool = True
) -> EntryPoint:
    """A mail address, or a form, that leads to the desk."""
    number = next(_numbers)
    made_up = {
        Channel.EMAIL: f"support{number}@shop.example",
        Channel.FORM: f"form-{number}",
        Channel.CHAT: f"chat-{number}",
        Channel.LINE: f"@line{number}",
        Channel.PHONE: f"+8150{number:08}",
    }
    address = address or made_up[kind]
    return EntryPoint(company_id=desk.company_id, desk=desk, kind=kind, address=address, active=active)


def make_entry_point(
    desk: Desk, *, kind: Channel = Channel.EMAIL, address: str = "", active: bool = True
) -> EntryPoint:
    """A door as `new_entry_point` gives it."""
    return _stored(new_entry_point(desk, kind=kind, address=address, active=active))


def new_operator(*, name: str = "", own_of: Company | None = None) -> OperatorCompany:
    """An operator: a vendor, or the company itself (`own_of`)."""
    return OperatorCompany(name=name or f"みどりコンタクト{next(_numbers)}", own_of=own_of)


def make_operator(*, name: str = "", own_of: Company | None = None) -> OperatorCompany:
    """An operator as `new_operator` gives it."""
    return _stored(new_operator(name=name, own_of=own_of))


def new_engagement(
    operator: OperatorCompany,
    desk: Desk,
    *,
    model: OperatingModel = OperatingModel.VENDOR_CENTRE,
    data_scope: DataScope = EVERYTHING_SHOWN,
    starts_on: date = date(2020, 4, 1),
    ends_on: date | None = None,
) -> Engagement:
    """The operator answers at the desk, in force since long ago unless said otherwise."""
    return Engagement(
        company_id=desk.company_id,
        operator=operator,
        desk=desk,
        model=model,
        masked=sorted(data_scope.masked),
        hidden=sorted(data_scope.hidden),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def make_engagement(
    operator: OperatorCompany,
    desk: Desk,
    *,
    model: OperatingModel = OperatingModel.VENDOR_CENTRE,
    data_scope: DataScope = EVERYTHING_SHOWN,
    starts_on: date = date(2020, 4, 1),
    ends_on: date | None = None,
) -> Engagement:
    """An engagement as `new_engagement` gives it."""
    return _stored(
        new_engagement(
            operator, desk, model=model, data_scope=data_scope, starts_on=starts_on, ends_on=ends_on
        )
    )


def _stored(row: Row) -> Row:
    with scope.everywhere(reason=_REASON):
        row.save()
    return row


def _letters(number: int) -> str:
    """Three letters that differ for 17,576 numbers on end."""
    return "".join(chr(ord("A") + number // 26**place % 26) for place in (2, 1, 0))
