"""Pictures of a mail that lie elsewhere: held back, fetched by us when asked, and handed to the frame of the mail."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email import remote_images
from madoguchi.channels.email.models import RemoteImage
from madoguchi.desk import handing
from madoguchi.desk.handing import Handed, address_of
from madoguchi.desk.tests.conftest import counted, everything, photo, signed_in
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.infra.outgoing import not_hidden
from madoguchi.infra.tests.webserver import Site, website
from madoguchi.kernel import clock
from madoguchi.kernel.tests.test_pictures import jpeg, png
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
IMAGES_SHOWN = "mail.images_shown"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A web server of the sender's, which stands on this machine and may therefore be asked."""
    monkeypatch.setattr(remote_images, "BOUNDS", replace(remote_images.BOUNDS, allowed=not_hidden))
    with website() as running:
        yield running


def letter(case: Case, *addresses: str) -> Message:
    images = "".join(f'<img src="{address}">' for address in addresses)
    with scope.everywhere(reason="a test lets a mail have HTML"):
        Message.objects.filter(case=case).update(html=f"<p>お知らせ</p>{images}")
    return everything(Message, case=case)[0]


def pictures_in(page: bytes) -> list[str]:
    return re.findall(r'<img src="(/handed/[^"]+)"', page.decode())


def test_nothing_is_fetched_unasked(agent: Client, case: Case, number: str, site: Site) -> None:
    message = letter(case, site.serve("/a.png", png(10, 10)))

    page = agent.get(f"/messages/{message.pk}/html/").content.decode()

    assert site.asked == []
    assert "外部の画像 1 件を表示していません。" in page
    assert f'action="/messages/{message.pk}/images/"' in agent.get(f"/cases/{number}/").content.decode()


def test_a_mail_without_such_pictures_offers_none(agent: Client, case: Case, number: str) -> None:
    letter(case, "cid:a")

    assert "/images/" not in agent.get(f"/cases/{number}/").content.decode()


def test_asked_for_they_are_fetched_by_us_and_shown(
    agent: Client, case: Case, site: Site, world: World
) -> None:
    message = letter(case, site.serve("/a.png", png(10, 10)), site.serve("/b.jpg", jpeg(20, 20)))

    answer = agent.post(f"/messages/{message.pk}/images/", headers={"User-Agent": "Mine"})

    assert (answer.status_code, answer["Location"]) == (302, f"/messages/{message.pk}/html/")
    assert sorted(site.paths()) == ["/a.png", "/b.jpg"]
    for _method, _path, headers, _body in site.asked:
        assert set(headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"}
        assert headers["User-Agent"] == "Mozilla/5.0 (image proxy)"
    page = agent.get(f"/messages/{message.pk}/html/")
    shown = [Client().get(address) for address in pictures_in(page.content)]
    assert [(s.status_code, s["Content-Type"], s.content) for s in shown] == [
        (200, "image/png", png(10, 10)),
        (200, "image/jpeg", jpeg(20, 20)),
    ]
    for response in shown:
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "no-store" in response["Cache-Control"]
    (event,) = everything(Event, kind=IMAGES_SHOWN)
    assert (event.actor_id, event.case_id) == (world.ours.agent.pk, case.pk)
    assert event.data == {"message": message.pk, "asked": 2, "fetched": 2}


def test_what_is_here_is_not_fetched_again(agent: Client, supervisor: Client, case: Case, site: Site) -> None:
    message = letter(case, site.serve("/a.png", png(10, 10)), site.address("/missing.png"))

    agent.post(f"/messages/{message.pk}/images/")
    supervisor.post(f"/messages/{message.pk}/images/")

    assert sorted(site.paths()) == ["/a.png", "/missing.png", "/missing.png"]
    assert [e.data["fetched"] for e in everything(Event, kind=IMAGES_SHOWN)] == [1, 0]
    assert len(everything(RemoteImage)) == 1


def test_who_asks_for_very_many_waits_and_others_do_not(
    agent: Client, supervisor: Client, case: Case, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_images, "MOST_MAILS_AN_HOUR", 1)
    message = letter(case, site.address("/missing.png"))
    agent.post(f"/messages/{message.pk}/images/")

    with clock.held_at(datetime(2026, 8, 1, 10, 30, tzinfo=UTC)):
        agent.post(f"/messages/{message.pk}/images/")
        refused = agent.post(f"/messages/{message.pk}/images/")

    assert refused.status_code == 429
    assert "画像の取得が続いたため、いったん止めています。30 分ほどたってから" in refused.content.decode()
    assert site.paths() == ["/missing.png"] * 2
    assert supervisor.post(f"/messages/{message.pk}/images/").status_code == 302
    assert len(everything(Event, kind=IMAGES_SHOWN)) == 3


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a.html", b"<script>alert(1)</script>"),
        ("bomb.png", png(30_000, 30_000)),
        ("dot.png", png(1, 1)),
        ("cut.jpg", b"\xff\xd8\xff\xe0"),
        ("large.png", png(10, 10) + bytes(3_000_000)),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_not_kept(
    agent: Client, case: Case, site: Site, name: str, body: bytes
) -> None:
    message = letter(case, site.serve(f"/{name}", body, Content_Type="image/png"))

    agent.post(f"/messages/{message.pk}/images/")

    assert everything(RemoteImage) == []
    assert (
        "外部の画像 1 件を表示していません。" in agent.get(f"/messages/{message.pk}/html/").content.decode()
    )


def test_our_own_network_is_not_asked(agent: Client, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with website() as near:
        message = letter(case, near.serve("/admin.png", png(10, 10)), "http://169.254.169.254/a.png")
        agent.post(f"/messages/{message.pk}/images/")

    assert near.asked == []
    assert everything(RemoteImage) == []


def test_a_mail_without_any_has_nothing_to_fetch(agent: Client, case: Case) -> None:
    message = letter(case)

    assert agent.post(f"/messages/{message.pk}/images/").status_code == 422
    assert everything(Event, kind=IMAGES_SHOWN) == []


def test_another_companys_person_has_nothing_fetched(stranger: Client, case: Case, site: Site) -> None:
    message = letter(case, site.serve("/a.png", png(10, 10)))

    assert stranger.post(f"/messages/{message.pk}/images/").status_code == 404
    assert site.asked == []
    assert everything(Event, kind=IMAGES_SHOWN) == []


def test_looking_fetches_nothing_and_costs_little(agent: Client, case: Case, site: Site) -> None:
    message = letter(case, *(site.serve(f"/{n}.png", png(10, 10)) for n in range(5)))
    agent.post(f"/messages/{message.pk}/images/")
    site.asked.clear()

    with counted() as cost:
        assert len(pictures_in(agent.get(f"/messages/{message.pk}/html/").content)) == 5
    assert len(cost) <= 7, cost.queries
    assert site.asked == []


def test_pictures_that_came_along_are_handed_too(world: World, agent: Client, case: Case) -> None:
    message = letter(case, "cid:logo@x", "cid:logo@x")
    content = photo().content
    with world.ours.scope():
        sha256 = files.put(content, company=world.ours.company.pk)
        message.attachments.create(
            company=world.ours.company,
            filename="a",
            content_type="x/y",
            size=1,
            sha256=sha256,
            content_id="logo@x",
        )

    shown = pictures_in(agent.get(f"/messages/{message.pk}/html/").content)

    assert len(shown) == 2
    assert Client().get(shown[0]).content == content


class TestAnAddressToHandOut:
    def test_for_a_file_saves_it(self, world: World) -> None:
        sha256 = files.put(b"<script>", company=world.ours.company.pk)

        response = Client().get(address_of(Handed(world.ours.company.pk, sha256, "見積.html")))

        assert (response.content, response["Content-Type"]) == (b"<script>", "application/octet-stream")
        assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E8")

    def test_shows_nothing_but_pictures(self, world: World) -> None:
        sha256 = files.put(b"<script>", company=world.ours.company.pk)

        assert Client().get(address_of(Handed(world.ours.company.pk, sha256))).status_code == 404

    def test_is_for_one_company(self, world: World) -> None:
        sha256 = files.put(b"ours", company=world.ours.company.pk)

        assert Client().get(address_of(Handed(world.theirs.company.pk, sha256, "a"))).status_code == 404

    def test_cannot_be_made_up(self, world: World) -> None:
        address = address_of(
            Handed(world.ours.company.pk, files.put(b"x", company=world.ours.company.pk), "a")
        )

        assert Client().get(address[:-3] + "AB/").status_code == 404
        assert Client().get("/handed/x/").status_code == 404

    def test_grows_old(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        address = address_of(
            Handed(world.ours.company.pk, files.put(b"x", company=world.ours.company.pk), "a")
        )
        assert Client().get(address).status_code == 200

        monkeypatch.setattr(handing, "SECONDS", -1)

        assert Client().get(address).status_code == 404


def test_company_people_may_look_too(world: World, case: Case, site: Site) -> None:
    message = letter(case, site.serve("/a.png", png(10, 10)))

    assert signed_in(world.ours.company_staff).post(f"/messages/{message.pk}/images/").status_code == 302
    assert site.paths() == ["/a.png"]
