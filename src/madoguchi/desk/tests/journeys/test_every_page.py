"""Nothing that axe objects to on any page beside the console: settings, one's account, what customers see."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from madoguchi.cases.actions import end_link
from madoguchi.cases.factories import make_case
from madoguchi.channels.email.actions import make_dkim_key
from madoguchi.companies.factories import make_entry_point
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.kernel.actor import Permission, system
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.actions import make_token
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import sign
from madoguchi.webhooks.factories import make_webhook

pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AXE = Axe()
SET_UP = {
    "organisations": ("", "companies/", "companies/{company}/", "operators/", "operators/{operator}/"),
    "contracts": (
        "engagements/",
        "engagements/{engagement}/",
        "engagements/new/",
        "people/",
        "people/{person}/",
    ),
    "ways in": ("desks/", "desks/{desk}/", "entry-points/", "entry-points/{point}/", "mail-servers/"),
    "phone": ("entry-points/{number}/flow/", "announcements/{company}/"),
    "systems": ("webhooks/", "webhooks/new/", "webhooks/{webhook}/", "webhooks/{webhook}/log/"),
    "servers": ("mail-servers/{point}/mailbox/", "mail-servers/{point}/smtp/", "mail-servers/{point}/oauth/"),
}
LOOKED_AFTER = {
    "words": ("templates/", "templates/{template}/", "templates/new/", "audit/"),
    "mail": ("quarantine/", "quarantine/{stored}/", "spam/", "senders/", "outbox/", "not-delivered/"),
    "programs": ("tokens/", "tokens/new/"),
}
ACCOUNT = ("password/change/", "mfa/", "sessions/", "mfa/webauthn/", "mfa/totp/activate/", "logout/")


@pytest.fixture
def something(world: World) -> dict[str, int]:
    """One of everything that has a page, by its word in the addresses above."""
    side = world.ours
    stored = receive(raw=b"no sender at all", entry_point=side.entry_point, source="test")
    assert stored is not None
    handle(stored, company=side.company.pk)
    with side.scope():
        make_dkim_key(side.entry_point, by=system("test"))
        lead = actor_of(side.supervisor)
        rule_sender(side.company.pk, pattern="spam.example", kind=SenderRule.Kind.BLOCK, by=lead)
        read = [Permission.CASE_READ]
        make_token(side.manager, name="倉庫", permissions=read, days=9, by=actor_of(side.manager))
        webhook, _delivery = make_webhook(side.company)
        template = ReplyTemplate.objects.create(company=side.company, name="お礼", body="{{customer}}様")
    places = {"company": side.company, "operator": side.operator, "engagement": side.engagement}
    places |= {"desk": side.desk, "point": side.entry_point, "person": side.agent}
    ids: dict[str, int] = {name: row.pk for name, row in places.items()}
    ids["number"] = make_entry_point(side.desk, kind=Channel.PHONE, address="+815000000001").pk
    return ids | {"stored": stored, "template": template.pk, "webhook": webhook.pk}


def objections(page: Page) -> list[Any]:
    """What axe finds; a page that is not there would please it, and is none."""
    assert page.locator("p.code").count() == 0, page.url
    found = AXE.run(page).response["violations"]
    return [(page.url, v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]


@pytest.mark.parametrize("part", SET_UP)
def test_settings_of_the_administrator(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    something: dict[str, int],
    part: str,
) -> None:
    sign_in(world.administrator)

    for address in SET_UP[part]:
        assert objections(desk("/administration/" + address.format(**something))) == []


@pytest.mark.parametrize(
    ("part", "scheme"), [("words", "light"), ("mail", "light"), ("mail", "dark"), ("programs", "light")]
)
def test_what_a_manager_looks_after(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    something: dict[str, int],
    page: Page,
    part: str,
    scheme: Any,
) -> None:
    sign_in(world.ours.manager)
    page.emulate_media(color_scheme=scheme)

    for address in LOOKED_AFTER[part]:
        assert objections(desk("/administration/" + address.format(**something))) == []


def test_ones_own_account(desk: Callable[[str], Page]) -> None:
    for address in ACCOUNT:
        assert objections(desk(f"/account/{address}")) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_customers_see(desk: Callable[[str], Page], world: World, page: Page, scheme: Any) -> None:
    make_entry_point(world.ours.desk, kind=Channel.FORM, address="hinata")
    case, ended = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    with world.ours.scope():
        end_link(ended, by=actor_of(world.ours.supervisor))
    page.emulate_media(color_scheme=scheme)

    for address in (
        "form/hinata/",
        f"my/{sign(case.pk, case.company_id)}/",
        f"my/{sign(ended.pk, ended.company_id)}/",
    ):
        assert objections(desk(f"/{address}")) == []
