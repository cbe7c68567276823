"""What a customer may see, and under which name they know us."""

import pytest

from madoguchi.cases.models import Case, Contact, Message
from madoguchi.portal.policies import is_theirs, name_for_customers

OURS = Case(customer_id=1)
ADDRESSES = {"misaki@customer.example"}


def message(author: str, *, customer: int = 1, to=(), cc=(), automatic: str = "") -> Message:
    def named(addresses):
        return [{"name": "", "address": address} for address in addresses]

    contact = Contact(customer_id=customer)
    return Message(author=author, contact=contact, to=named(to), cc=named(cc), automatic=automatic)


@pytest.mark.parametrize(
    ("said", "theirs"),
    [
        (message("customer"), True),
        (message("customer", customer=2), False),
        (message("customer", automatic="auto-replied"), False),
        (message("staff", to=["misaki@customer.example"]), True),
        (message("staff", to=["Misaki@Customer.Example"]), True),
        (message("staff", to=["maker@maker.example"]), False),
        (message("staff", to=["maker@maker.example"], cc=["misaki@customer.example"]), True),
        (message("staff"), True),
        (message("system", to=["misaki@customer.example"], automatic="acknowledgement"), True),
        (message("system", to=["maker@maker.example"], automatic="acknowledgement"), False),
    ],
)
def test_only_what_is_between_us_and_the_customer_is_theirs(said, theirs):
    assert is_theirs(said, OURS, addresses=ADDRESSES) is theirs


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("佐藤 花子", "佐藤"),
        ("佐藤\u3000花子", "佐藤"),
        ("Jane Mary Smith", "Smith"),
        ("佐藤花子", ""),
        ("Jane", ""),
        ("", ""),
    ],
)
def test_customers_know_us_by_family_name(name, shown):
    assert name_for_customers(name) == shown
