"""The picture at the head of a help centre: what is taken, what is kept of it, and who fetches it."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from madoguchi.helpcentre.actions import MOST_LOGO, MOST_UPLOADED, set_logo, set_up_help_centre
from madoguchi.helpcentre.models import Logo
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG", *, noise: int = 0, secret: str = "") -> bytes:
    made = io.BytesIO()
    image = Image.effect_noise((noise, noise), 100) if noise else Image.new("RGB", (120, 40), "#336699")
    about = PngImagePlugin.PngInfo()
    if secret:
        about.add_text("Comment", secret)
    image.save(made, kind, **({"pnginfo": about} if kind == "PNG" else {}))
    return made.getvalue()


def opened(side: Side) -> None:
    said = {"is_open": True, "title": "", "introduction": "", "contact": None}
    with side.scope():
        set_up_help_centre(side.company, **said, by=actor_of(side.company_manager))


def browser(person: User) -> Client:
    client = Client(headers={"Accept-Language": "ja"})
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_it_is_drawn_anew_and_taken_away_again(world: World) -> None:
    side, secret = world.ours, "撮影場所"
    by = actor_of(side.company_manager)
    with side.scope():
        content = picture(secret="hidden-place")
        assert b"hidden-place" in content, secret

        # when
        set_logo(side.company, content, by=by)
        set_logo(side.company, content, by=by)

        # then
        kept = Logo.objects.get()
        assert bytes(kept.content).startswith(b"\x89PNG")
        assert b"hidden-place" not in bytes(kept.content)
        [told] = Event.objects.filter(kind="help_centre.changed")
        assert told.data["changes"] == {"logo": ["", kept.digest]}

        # when
        set_logo(side.company, b"", by=by)
        assert Logo.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        picture("GIF"),
        picture()[:60],
        picture() + b"0" * MOST_UPLOADED,
        picture(noise=600),
    ],
    ids=["svg", "html", "gif", "broken", "too long", "too large"],
)
def test_what_is_no_plain_picture_is_refused(world: World, content: bytes) -> None:
    side = world.ours
    assert MOST_LOGO == 200_000
    with side.scope():
        with pytest.raises(Refused):
            set_logo(side.company, content, by=actor_of(side.company_manager))
        assert Logo.objects.count() == 0


def test_only_who_approves_articles_puts_it_there(world: World) -> None:
    with world.ours.scope():
        for by in (actor_of(world.ours.manager), actor_of(world.theirs.company_manager)):
            with pytest.raises(NotAllowed):
                set_logo(world.ours.company, picture(), by=by)
        assert Logo.objects.count() == 0


def test_it_is_uploaded_shown_and_fetched_by_anybody(world: World) -> None:
    side = world.ours
    opened(side)
    lead, visitor = browser(side.company_manager), Client(headers={"Accept-Language": "ja"})
    settings_page = reverse("administration:help_centre_logo", args=[side.company.pk])

    # when
    file = SimpleUploadedFile("ロゴ.webp", picture("WEBP"), content_type="text/html")
    assert lead.post(settings_page, {"file": file}).status_code == 302

    # then
    with side.scope():
        digest = Logo.objects.get().digest
    place = f"/help/{side.company.slug}/logo/{digest}"
    page = visitor.get(f"/help/{side.company.slug}/").content.decode()
    assert f'<img src="{place}" alt="{side.company.name}">' in page
    answer = visitor.get(place)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"

    # and by no other name, nor at another company's
    assert visitor.get(f"/help/{side.company.slug}/logo/{digest[:-1]}0z").status_code == 404
    assert visitor.get(f"/help/{world.theirs.company.slug}/logo/{digest}").status_code == 404

    # when something else is uploaded
    file = SimpleUploadedFile("a.svg", b"<svg/>", content_type="image/png")
    answer = lead.post(settings_page, {"file": file})
    assert (answer.status_code, "PNG・JPEG・WebPのいずれか" in answer.content.decode()) == (422, True)

    # when it is taken away
    lead.post(settings_page, {"remove": "1"})
    assert visitor.get(place).status_code == 404
    assert "<img" not in visitor.get(f"/help/{side.company.slug}/").content.decode()


def test_the_settings_show_the_record_that_proves_an_address(world: World, monkeypatch) -> None:
    side = world.ours
    opened(side)
    lead = browser(side.company_manager)
    page = reverse("administration:help_centre", args=[side.company.pk])

    # when
    lead.post(page, {"is_open": "on", "title": "", "introduction": "", "host": "help.hinata.example"})
    shown = lead.get(page).content.decode()

    # then
    assert ("_madoguchi.help.hinata.example" in shown, "未確認" in shown) == (True, True)

    # when the DNS has nothing
    monkeypatch.setattr("madoguchi.helpcentre.hosts.texts_at", lambda _name: [])
    monkeypatch.setattr("madoguchi.helpcentre.actions.prove_host.__kwdefaults__", {"ask": lambda _name: []})
    lead.post(reverse("administration:help_centre_host", args=[side.company.pk]))
    assert "DNSにレコードがまだありません" in lead.get(page).content.decode()

    # and what is no name is refused beside its field
    answer = lead.post(page, {"is_open": "on", "title": "", "introduction": "", "host": "10.0.0.1"})
    assert (answer.status_code, "のようなホスト名を書いてください" in answer.content.decode()) == (422, True)
