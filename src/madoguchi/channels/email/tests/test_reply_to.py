"""Where a mail asks to be answered."""

import pytest

from madoguchi.channels.email.channel import as_inbound
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.tests.mails import mail
from madoguchi.kernel.channel import Party

OURS = ("support@shop.example", "returns@shop.example")


def wished(header: str) -> tuple[Party, ...]:
    return as_inbound(parse(mail(f"Reply-To: {header}")), own_addresses=OURS).reply_to


def test_another_address_is_kept_with_its_name() -> None:
    assert wished("Sato <sato@work.example>") == (Party("sato@work.example", "Sato"),)


def test_without_one_there_is_none() -> None:
    assert as_inbound(parse(mail()), own_addresses=OURS).reply_to == ()


@pytest.mark.parametrize(
    "header",
    [
        "taro@example.com",
        "TARO@Example.com",
        "support@shop.example",
        "Returns@Shop.example",
        "support+c.abc123@shop.example",
        "nobody",
        "undisclosed-recipients:;",
        "a,b@work.example@",
    ],
)
def test_the_senders_own_ours_and_what_is_no_address_are_passed_over(header: str) -> None:
    assert wished(header) == ()


def test_of_several_those_remain_that_are_neither() -> None:
    assert wished("taro@example.com, a@work.example, support@shop.example, a@work.example") == (
        Party("a@work.example"),
    )


def test_no_more_than_five_are_taken() -> None:
    assert len(wished(", ".join(f"a{n}@work.example" for n in range(30)))) == 5


@pytest.mark.parametrize("name", ['"sato@work.example"', "'Sato@Work.example'", "SATO@work.example"])
def test_an_address_in_the_place_of_a_name_is_no_name(name: str) -> None:
    arrived = as_inbound(parse(mail(sender=f"{name} <sato@work.example>")), own_addresses=OURS)

    assert arrived.sender == Party("sato@work.example", "")
