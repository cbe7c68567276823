"""How we know a customer's addresses: beside the case, on its page, told to programs, and kept from whom it is."""

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Look
from madoguchi.customers.factories import make_identity
from madoguchi.customers.models import Identity
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(world: World, case: Case) -> Identity:
    [one] = everything(Identity, customer=case.customer_id)
    with world.ours.scope():
        customer = case.customer
    make_identity(customer, IdentityKind.PHONE, "090-1234-5678")
    return one


def how_of(mail: Identity) -> list[str]:
    return [one.verified_how for one in everything(Identity, pk=mail.pk)]


def test_it_is_said_shown_beside_the_address_and_taken_back(
    agent: Client, world: World, number: str, mail: Identity
) -> None:
    at, beside = f"/cases/{number}/addresses/", f"/cases/{number}/"
    assert (at in text(agent.get(beside)), "data-verified" in text(agent.get(beside))) == (True, False)
    page = main_of(agent.get(at))
    assert (page.count("まだ確認されていません"), page.count('value="mail"'), page.count('value="call"')) == (
        2,
        1,
        1,
    )

    assert agent.post(at, {"address": mail.pk, "how": "mail"})["Location"] == at
    seen = text(agent.get(beside))
    assert [words in seen for words in ('data-verified="mail"', "メールに返信があった")] == [True, True]
    assert f"· {world.ours.agent.name}</span>" in seen
    assert 'value="mail" selected' in main_of(agent.get(at))
    agent.post(at, {"address": mail.pk, "how": "mail", "back": "1"})
    assert (how_of(mail), "data-verified" in text(agent.get(beside))) == ([""], False)


@pytest.mark.parametrize(("how", "status"), [("", 422), ("call", 422), ("x", 422)])
def test_what_makes_no_sense_changes_nothing(
    agent: Client, number: str, mail: Identity, how: str, status: int
) -> None:
    at = f"/cases/{number}/addresses/"
    answer = agent.post(at, {"address": mail.pk, "how": how})
    assert (answer.status_code, 'role="alert"' in text(answer), how_of(mail)) == (status, True, [""])
    for wrong in ("", "x", "9" * 19, str(mail.pk + 1000)):
        assert agent.post(at, {"address": wrong, "how": "mail"}).status_code == 404


def test_who_reads_says_nothing_and_strangers_find_nothing(
    company_staff: Client, world: World, number: str, mail: Identity
) -> None:
    at, said = f"/cases/{number}/addresses/", {"address": mail.pk, "how": "mail"}
    assert "<form" not in main_of(company_staff.get(at))
    before = len(everything(Look))
    assert company_staff.post(at, said).status_code == 403
    stranger = signed_in(world.theirs.agent)
    assert (stranger.get(at).status_code, stranger.post(at, said).status_code) == (404, 404)
    assert (how_of(mail), len(everything(Look))) == ([""], before)
