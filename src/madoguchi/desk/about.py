"""The person a case is for, as far as the reader may see them, and what may be done about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from madoguchi.cases import policies
from madoguchi.cases.duplicates import APART
from madoguchi.cases.models import Case
from madoguchi.cases.queries import other_cases
from madoguchi.commerce.policies import may_take_orders
from madoguchi.customers.actions import memo_stamp
from madoguchi.customers.models import Customer
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import Address, CustomerView, view_of
from madoguchi.customers.unmasking import may_unmask
from madoguchi.desk.household import groups_in_words
from madoguchi.desk.identity import Sure, sure_of
from madoguchi.desk.knowing import Knowing, knowing_of
from madoguchi.desk.lately import Touch, last_contacts
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.identity import IdentityKind
from madoguchi.rights.policies import may_see_to
from madoguchi.voice.by_hand import has_no_trunk, may_call


@dataclass(frozen=True, slots=True)
class About:
    """The person whom a case is for, as far as the reader may see them."""

    person: CustomerView
    since: datetime
    cases: list[tuple[str, Case]]
    contacts: list[Touch]
    mails: list[Address]
    phones: list[Address]
    members: list[Address]
    may_edit: bool
    may_edit_mail: bool
    memo_to_write: str
    memo_stamp: str
    mail_format: str
    mail_formats: list[tuple[str, str]]
    may_be_told_twice: bool
    may_audit: bool
    may_call: bool
    no_trunk: bool
    may_order: bool
    may_join: bool
    may_see_to_rights: bool
    may_unmask: bool
    sure: Sure
    knowing: Knowing
    belongs_to: list[str]
    people: int


def about_of(case: Case, *, actor: Actor) -> About:
    """The customer through the reader's data scope, their other cases, the last contacts and what is
    worth knowing. Five queries; where anything is kept from the reader one more, and one for who belongs somewhere.
    """
    others = cases_beside(case, actor=actor)
    belongs_to, people = groups_in_words(case.customer, actor=actor)
    may_edit = actor.may(Permission.CUSTOMER_EDIT, company=case.company_id, desk=case.desk_id)
    person = view_of(case.customer, actor=actor)
    return About(
        person,
        case.customer.created_at,
        others,
        last_contacts(case, actor=actor),
        [one for one in person.addresses if one.kind == IdentityKind.EMAIL],
        [one for one in person.addresses if one.kind == IdentityKind.PHONE],
        [one for one in person.addresses if one.kind == IdentityKind.MEMBER],
        may_edit=may_edit and "memo" not in person.masked | person.hidden,
        may_edit_mail=may_edit,
        # Whole: fields are blotted as the page leaves, and put together again from it.
        memo_to_write=case.customer.memo if may_edit and "memo" not in person.masked | person.hidden else "",
        memo_stamp=memo_stamp(case.customer) if may_edit else "",
        mail_format=case.customer.mail_format,
        mail_formats=[(value, str(words)) for value, words in Customer.MailFormat.choices],
        may_be_told_twice=policies.may_update(actor, case) and _is_near(case, [o for _number, o in others]),
        may_audit=actor.may(Permission.AUDIT, company=case.company_id, desk=case.desk_id),
        may_call=may_call(actor, case),
        no_trunk=has_no_trunk(actor, case),
        may_order=case.continued_in_id is None
        and may_take_orders(actor, company=case.company_id, desk=case.desk_id),
        may_join=may_join(actor, company=case.company_id),
        may_see_to_rights=may_see_to(actor, company=case.company_id),
        may_unmask=may_unmask(actor, company=case.company_id, desk=case.desk_id),
        sure=sure_of(case),
        knowing=knowing_of(case.customer, actor=actor),
        belongs_to=belongs_to,
        people=people,
    )


def cases_beside(case: Case, *, actor: Actor) -> list[tuple[str, Case]]:
    """The customer's other cases with their numbers. One query."""
    return [(o.spoken_number(o.company.prefix), o) for o in other_cases(case, actor=actor)]


def _is_near(case: Case, others: Sequence[Case]) -> bool:
    """Whether the customer came with something else about then, so that it is worth comparing."""
    return any(abs(other.opened_at - case.opened_at) <= APART for other in others)
