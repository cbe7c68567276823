"""Mails about notifications are turned off from the mail itself: by one click, by nobody else, and back again."""

import re
import time
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.core import mail, signing
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.following.models import Letter, Notification, Way, Wishes
from madoguchi.following.queries import wishes_of
from madoguchi.following.quiet import LASTS, Quiet, headers_of
from madoguchi.following.wording import mail_of
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-12-01T09:30:00+09:00")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def reader(world: World) -> User:
    """Who is told of mentions and approvals in what is collected, of tasks at once, and of the rest by the bell."""
    ways = {"mentioned": Way.DIGEST, "approval": Way.DIGEST, "task": Way.MAIL}
    Wishes.objects.create(user=world.ours.agent, **ways)
    return world.ours.agent


@pytest.fixture
def browser() -> Client:
    """Nobody's, that heeds tokens against forged posts as a mail provider has none."""
    return Client(enforce_csrf_checks=True)


def ways(reader: User) -> tuple[str, str, str, str]:
    wishes = wishes_of(reader.pk)
    return wishes.mentioned, wishes.approval, wishes.task, wishes.assigned


def undo_in(page: str) -> str:
    found = re.search(r'<form method="post" action="([^"]+)">', page)
    assert found is not None
    return found[1]


class TestInTheMail:
    def mail(self, world: World, reader: User, settings: LazySettings, base: str) -> mail.EmailMessage:
        settings.BASE_URL = base
        with world.ours.scope():
            case = make_case(world.ours.entry_point)
            one = Notification(case=case, user=reader, why=Notification.Why.MENTIONED, way=Way.DIGEST)
            return mail_of(Letter(user=reader, created_at=MORNING, due_at=MORNING), [one])

    def test_it_bears_the_link_and_says_that_no_machine_is_to_answer(
        self, world: World, reader: User, settings: LazySettings
    ) -> None:
        sent = self.mail(world, reader, settings, "https://desk.example").message()

        path = Quiet(reader.pk, Way.DIGEST).path
        assert str(sent["List-Unsubscribe"]).startswith("<https://desk.example/quiet/")
        assert len(str(sent["List-Unsubscribe"])) - len("<https://desk.example>") == len(path)
        assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        told = [sent[name] for name in ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress")]
        assert told == ["auto-generated", "bulk", "All"]

    def test_one_click_is_offered_over_https_alone(self, reader: User, settings: LazySettings) -> None:
        settings.BASE_URL = "http://desk.example"

        assert list(headers_of(reader.pk, Way.MAIL)) == ["List-Unsubscribe"]


def test_looking_changes_nothing(reader: User, browser: Client) -> None:
    page = browser.get(Quiet(reader.pk, Way.DIGEST).path)

    assert (page.status_code, ways(reader)) == (200, ("digest", "digest", "mail", "bell"))
    assert f"{reader.email} へのまとめのお知らせメールを止めますか。" in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("way", "after"),
    [(Way.DIGEST, ("bell", "bell", "mail", "bell")), (Way.MAIL, ("digest", "digest", "bell", "bell"))],
)
def test_one_click_turns_these_mails_off_and_no_others(
    world: World, reader: User, browser: Client, way: Way, after: tuple[str, ...]
) -> None:
    Wishes.objects.create(user=world.ours.supervisor, mentioned=way)

    pages = [browser.post(Quiet(reader.pk, way).path, ONE_CLICK) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert ways(reader) == after
    assert wishes_of(world.ours.supervisor.pk).mentioned == way


def test_what_waits_for_the_mail_waits_in_the_console(world: World, reader: User, browser: Client) -> None:
    with world.ours.scope():
        case = make_case(world.ours.entry_point)
        for number, way in enumerate((Way.DIGEST, Way.MAIL)):
            Notification.objects.create(
                company=world.ours.company,
                user=reader,
                case=case,
                event=number,
                kind="note.added",
                why=Notification.Why.MENTIONED,
                who="",
                at=MORNING,
                way=way,
            )

    browser.post(Quiet(reader.pk, Way.DIGEST).path)

    with world.ours.scope():
        assert list(Notification.objects.order_by("event").values_list("way", flat=True)) == ["bell", "mail"]


def test_it_is_undone_for_what_it_turned_off_alone(reader: User, browser: Client) -> None:
    undo = undo_in(browser.post(Quiet(reader.pk, Way.DIGEST).path).content.decode())
    Wishes.objects.filter(user=reader).update(approval=Way.NONE)

    assert browser.get(undo).status_code == 200
    assert ways(reader)[0] == "bell"
    page = browser.post(undo)

    assert ways(reader) == ("digest", "none", "mail", "bell")
    assert "再開しました" in page.content.decode()


def test_the_log_tells_of_it_and_of_its_undoing(world: World, reader: User, browser: Client) -> None:
    undo = undo_in(browser.post(Quiet(reader.pk, Way.MAIL).path).content.decode())
    for path in (Quiet(reader.pk, Way.MAIL).path, undo, undo):  # off already; on; on already
        browser.post(path)

    with world.ours.scope():
        told = [
            (e.actor_kind, e.actor_name, e.data)
            for e in Event.objects.filter(kind="person.changed").order_by("id")
        ]
    assert told == [
        ("system", "following", {"person": reader.pk, "changes": {"mails_task": ["mail", "bell"]}}),
        ("system", "following", {"person": reader.pk, "changes": {"mails_task": ["bell", "mail"]}}),
    ]


def test_a_link_of_long_ago_changes_nothing_and_leads_to_the_wishes(
    reader: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ago = time.time() - LASTS.total_seconds() - 60
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: ago)
        path = Quiet(reader.pk, Way.DIGEST).path

    pages = [browser.get(path), browser.post(path, ONE_CLICK)]

    assert [page.status_code for page in pages] == [410, 410]
    assert ways(reader) == ("digest", "digest", "mail", "bell")
    for page in pages:
        assert "90日" in page.content.decode()
        assert reverse("desk:notification_wishes") in page.content.decode()
        assert "<form" not in page.content.decode()


def test_it_speaks_the_readers_language(reader: User, browser: Client) -> None:
    User.objects.filter(pk=reader.pk).update(language="en")

    page = browser.post(Quiet(reader.pk, Way.DIGEST).path).content.decode()

    assert f"No such mails go to {reader.email} any more." in page


def test_an_address_of_somebodys_own_making_is_nobodys(world: World, reader: User, browser: Client) -> None:
    path = Quiet(reader.pk, Way.DIGEST).path
    User.objects.filter(pk=world.ours.supervisor.pk).update(is_active=False)
    forged = [
        path[:-2] + ("A/" if path[-2] != "A" else "B/"),
        f"/quiet/{signing.dumps([reader.pk, 'digest'], salt='another')}/",
        Quiet(world.ours.supervisor.pk, Way.DIGEST).path,
        Quiet(0, Way.DIGEST).path,
    ]

    assert [browser.post(address).status_code for address in forged] == [404] * 4
    assert ways(reader) == ("digest", "digest", "mail", "bell")
