"""Signatures that others check: with a library of their own, against the record as it is published."""

import dkim
import pytest
from django.db import IntegrityError, connection, transaction

from madoguchi.channels.email.actions import make_dkim_key, remove_dkim_key, sign_with
from madoguchi.channels.email.compose import Attachment, compose
from madoguchi.channels.email.models import DkimKey
from madoguchi.channels.email.signing import signed
from madoguchi.channels.email.tests.test_alphabets import OLD
from madoguchi.channels.email.tests.test_compose import REQUEST
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import TemporaryFailure
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ADMIN = system("test")
RICH = {
    "html": "<p>はい</p>",
    "attachments": (Attachment("見積.pdf", "application/pdf", b"%PDF"),),
    "references": ("a@x.example", "b@x.example"),
}


def verified(raw: bytes, *keys: DkimKey) -> bool:
    """What a receiver finds who looks the record up."""
    records = {f"{key.record_name}.": key.record for key in keys}
    return dkim.verify(raw, dnsfunc=lambda name, timeout=5: records.get(name.decode(), "").encode())


@pytest.fixture
def key(world: World) -> DkimKey:
    with world.ours.scope():
        made = make_dkim_key(world.ours.entry_point, by=ADMIN)
        sign_with(made, world.ours.entry_point, by=ADMIN)
        return DkimKey.objects.get()


def sign(world: World, raw: bytes) -> bytes:
    return signed(raw, company=world.ours.company.pk, address=world.ours.entry_point.address)


@pytest.mark.parametrize("request_", [REQUEST, OLD], ids=["utf-8", "iso-2022-jp"])
def test_a_receiver_finds_the_signature_right(world: World, key: DkimKey, request_: object) -> None:
    from dataclasses import replace

    raw = compose(replace(request_, **RICH))  # type: ignore[type-var]
    mail = sign(world, raw)

    assert mail.endswith(raw)
    assert mail.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; ")
    assert verified(mail, key)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Subject: ", b"Subject: x"),
        (b"To: ", b"To: x@y.example, "),
        (b"\r\n\r\n", b"\r\n\r\nx"),
        (b"Date: ", b"Date: x"),
    ],
)
def test_what_was_changed_on_the_way_is_seen(world: World, key: DkimKey, was: bytes, becomes: bytes) -> None:
    mail = sign(world, compose(REQUEST))

    assert not verified(mail.replace(was, becomes, 1), key)


def test_another_sender_cannot_be_put_beside_ours(world: World, key: DkimKey) -> None:
    mail = sign(world, compose(REQUEST))

    assert not verified(b"From: boss@shop.example\r\n" + mail, key)


def test_nothing_is_signed_before_the_record_is_said_to_be_published(world: World) -> None:
    with world.ours.scope():
        make_dkim_key(world.ours.entry_point, by=ADMIN)

    assert sign(world, compose(REQUEST)) == compose(REQUEST)


def test_another_companys_key_signs_nothing_of_ours(world: World) -> None:
    with world.theirs.scope():
        made = make_dkim_key(world.theirs.entry_point, by=ADMIN)
        sign_with(made, world.theirs.entry_point, by=ADMIN)
        DkimKey.objects.update(domain=world.ours.entry_point.address.rpartition("@")[2])

    assert sign(world, compose(REQUEST)) == compose(REQUEST)


def test_keys_change_by_selector_and_the_old_mail_still_holds(world: World, key: DkimKey) -> None:
    before = sign(world, compose(REQUEST))
    with world.ours.scope():
        second = make_dkim_key(world.ours.entry_point, by=ADMIN)
        assert second.selector == f"{key.selector}-2"
        assert verified(sign(world, compose(REQUEST)), key)
        sign_with(second, world.ours.entry_point, by=ADMIN)
    after = sign(world, compose(REQUEST))

    assert f"s={second.selector};".encode() in after
    assert verified(before, key, second)
    assert verified(after, key, second)
    assert not verified(after, key)
    with world.ours.scope():
        assert [k.active for k in DkimKey.objects.order_by("pk")] == [False, True]


def test_only_one_of_a_domain_is_in_use(world: World, key: DkimKey) -> None:
    with world.ours.scope(), pytest.raises(IntegrityError), transaction.atomic():
        DkimKey.objects.create(
            company_id=key.company_id,
            domain=key.domain,
            selector="x",
            private_key="x",
            public_key="x",
            active=True,
            made_at=key.made_at,
        )


def test_the_private_half_lies_encrypted_and_is_told_to_nobody(world: World, key: DkimKey) -> None:
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM email_dkimkey")
        assert "PRIVATE KEY" not in cursor.fetchone()[0]
        told = [(e.kind, e.data) for e in Event.objects.filter(kind__startswith="mail.dkim").order_by("id")]

    assert [kind for kind, _data in told] == ["mail.dkim_made", "mail.dkim_in_use"]
    assert all("KEY" not in str(data) for _kind, data in told)


def test_a_key_that_cannot_be_read_holds_the_mail_rather_than_sending_it_unsigned(
    world: World, key: DkimKey, settings: object
) -> None:
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]

    with pytest.raises(TemporaryFailure, match="cannot be read: make a new one"):
        sign(world, compose(REQUEST))


def test_an_operators_people_touch_no_keys(world: World, key: DkimKey) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        for act in (
            lambda: make_dkim_key(world.ours.entry_point, by=agent),
            lambda: sign_with(key, world.ours.entry_point, by=agent),
            lambda: remove_dkim_key(key, world.ours.entry_point, by=agent),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert DkimKey.objects.count() == 1


def test_a_forgotten_key_signs_no_more(world: World, key: DkimKey) -> None:
    with world.ours.scope():
        remove_dkim_key(key, world.ours.entry_point, by=ADMIN)
        assert DkimKey.objects.count() == 0

    assert sign(world, compose(REQUEST)) == compose(REQUEST)
