"""Setting up mail servers."""

from typing import Any

import pytest
from django.db import connection

from madoguchi.channels.email import actions
from madoguchi.channels.email.actions import MailboxSettings, SmtpSettings
from madoguchi.channels.email.models import Mailbox, Security, SmtpServer
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import scope
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

MAILBOX = MailboxSettings(host="imap.shop.example", port=993, security=Security.TLS, username="support")
SMTP = SmtpSettings(host="smtp.shop.example", port=587, security=Security.STARTTLS, username="support")


def facts() -> list[tuple[str, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at all companies"):
        return [(e.kind, e.data) for e in Event.objects.order_by("id")]


def stored(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT password FROM {table}")
        return str(cursor.fetchone()[0])


def test_a_mailbox_is_set_up_and_its_password_told_to_nobody(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for(by.companies):
        actions.set_mailbox(world.ours.entry_point, settings=MAILBOX, password="himitsu", by=by)
        assert Mailbox.objects.get().password == "himitsu"
        assert "himitsu" not in stored("email_mailbox")
    ((kind, data),) = facts()
    assert (kind, data["secret"], data["settings"]["host"]) == ("mail.mailbox_set", True, "imap.shop.example")
    assert "himitsu" not in str(data)


def test_a_stored_password_stays_when_none_is_given(world: World) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    with scope.acting_for(by.companies):
        actions.set_smtp_server(point, settings=SMTP, password="himitsu", by=by)
        changed = SmtpSettings(host=SMTP.host, port=465, security=Security.TLS, username="support")
        actions.set_smtp_server(point, settings=changed, password=None, by=by)
        kept = SmtpServer.objects.get()
        told = words_of(Event.objects.values_list("pk", flat=True))
    assert (kept.password, kept.port, kept.security) == ("himitsu", 465, "tls")
    # What was set up first has nothing before it, and no secret is told of either side.
    assert list(told.values()) == [{"port": [587, 465], "security": ["starttls", "tls"]}]


@pytest.mark.parametrize(("host", "username"), [("evil.example", "support"), ("imap.shop.example", "other")])
def test_a_stored_password_is_sent_to_no_other_server_or_user(world: World, host: str, username: str) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    elsewhere = MailboxSettings(host=host, port=993, security=Security.TLS, username=username)
    with scope.acting_for(by.companies):
        actions.set_mailbox(point, settings=MAILBOX, password="himitsu", by=by)
        with pytest.raises(Refused) as refused:
            actions.set_mailbox(point, settings=elsewhere, password=None, by=by)
        kept = Mailbox.objects.get()
    assert refused.value.field == "password"
    assert (kept.host, kept.username) == ("imap.shop.example", "support")
    assert len(facts()) == 1


def test_a_stored_password_does_not_travel_in_clear_unasked(world: World) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    in_clear = SmtpSettings(host=SMTP.host, port=SMTP.port, security=Security.NONE, username="support")
    with scope.acting_for(by.companies):
        actions.set_smtp_server(point, settings=SMTP, password="himitsu", by=by)
        with pytest.raises(Refused) as refused:
            actions.set_smtp_server(point, settings=in_clear, password=None, by=by)
        kept = SmtpServer.objects.get()
    assert refused.value.field == "password"
    assert kept.security == SMTP.security


def test_another_folder_is_read_like_a_new_one(world: World) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    with scope.acting_for(by.companies):
        actions.set_mailbox(point, settings=MAILBOX, password="himitsu", by=by)
        Mailbox.objects.update(uid_validity=5, last_uid=77, problem="先週から読めません")
        actions.set_mailbox(point, settings=MAILBOX, password=None, by=by)
        assert Mailbox.objects.values_list("uid_validity", "last_uid", "problem").get() == (5, 77, "")
        other = MailboxSettings(
            host=MAILBOX.host, port=993, security=Security.TLS, username="support", folder="窓口"
        )
        actions.set_mailbox(point, settings=other, password=None, by=by)
        assert Mailbox.objects.values_list("uid_validity", "last_uid", "folder").get() == (0, 0, "窓口")


def test_a_password_of_another_key_can_be_entered_again(world: World, settings: Any) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    with scope.acting_for(by.companies):
        actions.set_mailbox(point, settings=MAILBOX, password="himitsu", by=by)
        settings.SECRET_KEY = "another key " * 5
        actions.set_mailbox(point, settings=MAILBOX, password="atarashii", by=by)
        assert Mailbox.objects.get().password == "atarashii"


def test_servers_are_forgotten_with_their_passwords(world: World) -> None:
    by, point = actor_of(world.ours.company_manager), world.ours.entry_point
    with scope.acting_for(by.companies):
        actions.set_mailbox(point, settings=MAILBOX, password="x", by=by)
        actions.set_smtp_server(point, settings=SMTP, password="x", by=by)
        actions.remove_mailbox(point, by=by)
        actions.remove_smtp_server(point, by=by)
        actions.remove_smtp_server(point, by=by)
        assert not Mailbox.objects.exists()
        assert not SmtpServer.objects.exists()
    kinds = [kind for kind, _data in facts()]
    assert kinds == ["mail.mailbox_set", "mail.smtp_set", "mail.mailbox_removed", "mail.smtp_removed"]


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_others_set_up_no_servers(world: World, who: str) -> None:
    by, point = actor_of(getattr(world.ours, who)), world.ours.entry_point
    with scope.acting_for(by.companies):
        with pytest.raises(NotAllowed):
            actions.set_mailbox(point, settings=MAILBOX, password="x", by=by)
        with pytest.raises(NotAllowed):
            actions.set_smtp_server(point, settings=SMTP, password="x", by=by)
        with pytest.raises(NotAllowed):
            actions.remove_mailbox(point, by=by)
        with pytest.raises(NotAllowed):
            actions.remove_smtp_server(point, by=by)
        assert not Mailbox.objects.exists()
    assert facts() == []


def test_another_companys_address_is_out_of_reach(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for(by.companies), pytest.raises(NotAllowed):
        actions.set_mailbox(world.theirs.entry_point, settings=MAILBOX, password="x", by=by)
    with scope.everywhere(reason="a test looks at all companies"):
        assert not Mailbox.objects.exists()


def test_a_form_has_no_mail_servers_and_a_server_needs_a_name(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    form = make_entry_point(world.ours.desk, kind=Channel.FORM)
    nowhere = SmtpSettings(host=" ", port=25, security=Security.NONE)
    impossible = SmtpSettings(host="a.example", port=0, security=Security.NONE)
    with scope.acting_for(by.companies):
        with pytest.raises(Refused):
            actions.set_smtp_server(form, settings=SMTP, password=None, by=by)
        for settings, field in ((nowhere, "host"), (impossible, "port")):
            with pytest.raises(Refused) as refused:
                actions.set_smtp_server(world.ours.entry_point, settings=settings, password=None, by=by)
            assert refused.value.field == field
        assert not SmtpServer.objects.exists()
