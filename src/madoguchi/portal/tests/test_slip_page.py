"""The page of a message slip: for whoever holds the link, of any program, on any phone; and of nothing else."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.escalations.actions import Whom, ask, withdraw
from madoguchi.escalations.links import sign
from madoguchi.escalations.models import Escalation, EscalationFile, Slip
from madoguchi.escalations.slips import make_slip
from madoguchi.escalations.tests.conftest import HOUR, MISAKI, NINE, question
from madoguchi.escalations.tests.test_slips import written
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.portal.slips import MOST_LOOKS

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の返品", text="熱くなりません。")


@pytest.fixture
def slip(world: World, case: Case) -> Slip:
    with world.ours.scope(), clock.held_at(NINE):
        return make_slip(case, written(), by=actor_of(world.ours.agent))


@pytest.fixture
def brought(world: World, case: Case) -> Slip:
    """A slip that brings a question."""
    whom = Whom(to="outside", name="工場 健司", address="kenji@shop.example")
    with world.ours.scope(), clock.held_at(NINE):
        return ask(case, whom, question(), by=actor_of(world.ours.agent)).slips.get()


def address(slip: Slip) -> str:
    return f"/slip/{sign(slip, generation=slip.generation)}/"


def post(client: Client, slip: Slip, *, later: timedelta = HOUR, **form: str) -> int:
    with clock.held_at(NINE + later):
        return client.post(address(slip), form).status_code


def look(client: Client, slip: Slip, *, later: timedelta = HOUR) -> str:
    with clock.held_at(NINE + later):
        return client.get(address(slip)).text


def now(world: World, slip: Slip) -> Slip:
    with world.ours.scope():
        return Slip.objects.select_related("escalation").get(pk=slip.pk)


def test_it_shows_the_slip_and_nothing_else_of_the_case(
    client: Client, world: World, case: Case, slip: Slip
) -> None:
    page = look(client, slip)

    for words in ("髙橋 美咲", "03-1234-5678", "蓋の部品の在庫", "読みました", "連絡しました"):
        assert words in page
    number = case.spoken_number(world.ours.company.prefix)
    for secret in (number, case.subject, "熱くなりません。", "misaki@home.example", world.ours.agent.name):
        assert secret not in page


def test_looking_changes_nothing(client: Client, world: World, slip: Slip) -> None:
    with clock.held_at(NINE):
        assert client.head(address(slip)).status_code == 200
        headers = client.get(address(slip)).headers

    assert now(world, slip).read_at is None
    assert (headers["Referrer-Policy"], "noindex" in headers["X-Robots-Tag"]) == ("no-referrer", True)
    assert "no-store" in headers["Cache-Control"]


def test_that_it_was_opened_is_told_once(client: Client, world: World, slip: Slip) -> None:
    for _ in range(3):
        look(client, slip)

    with world.ours.scope():
        assert Event.objects.filter(kind="slip.opened", data__slip=slip.pk).count() == 1


def test_links_are_not_tried_without_end(client: Client, slip: Slip) -> None:
    with clock.held_at(NINE):
        for _ in range(MOST_LOOKS):
            assert client.get("/slip/1s1s1.forged/").status_code == 404
        assert client.get(address(slip)).status_code == 429


def test_read_then_done_without_an_account_or_a_cookie(world: World, slip: Slip) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert post(strict, slip, what="read") == 302
    assert "お読みいただいたことを記録しました。" in look(strict, slip)
    assert post(strict, slip, later=2 * HOUR, what="done", text="折り返しました。") == 302

    found = now(world, slip)
    assert (found.read_at, found.done_at, found.done_words) == (
        NINE + HOUR,
        NINE + 2 * HOUR,
        "折り返しました。",
    )
    page = look(strict, slip, later=3 * HOUR)
    assert "ご連絡済みと記録しました" in page
    for words in ("髙橋 美咲", "03-1234-5678", "蓋の部品の在庫"):
        assert words not in page
    assert "<textarea" not in page


def test_pressed_twice_it_counts_once(client: Client, world: World, slip: Slip) -> None:
    post(client, slip, what="done", text="一度目")
    post(client, slip, later=2 * HOUR, what="done", text="二度目")

    assert (now(world, slip).done_at, now(world, slip).done_words) == (NINE + HOUR, "一度目")


def test_a_question_is_answered_there(client: Client, world: World, brought: Slip) -> None:
    page = look(client, brought)
    for words in ("保証は延ばせますか。", "規程を確認済み", "回答を送る"):
        assert words in page
    assert world.ours.agent.name not in page

    assert post(client, brought, what="done", text="在庫は十個です。") == 302

    found = now(world, brought)
    assert found.escalation is not None
    assert (found.escalation.answer, found.escalation.state) == ("在庫は十個です。", "answered")
    page = look(client, brought)
    assert "ご回答を受け取りました" in page
    for words in ("保証は延ばせますか。", "規程を確認済み", "在庫は十個です。"):
        assert words not in page


def test_without_words_it_is_not_answered(client: Client, world: World, brought: Slip) -> None:
    assert post(client, brought, what="done", text=" ") == 422

    found = now(world, brought)
    assert (found.read_at, found.done_at) == (None, None)
    with world.ours.scope():
        assert Escalation.objects.get().state == "open"


def test_what_is_too_long_stays_as_it_was_typed(client: Client, world: World, slip: Slip) -> None:
    with clock.held_at(NINE):
        answer = client.post(address(slip), {"what": "done", "text": "あ" * 10_001})

    assert (answer.status_code, "あ" * 10_001 in answer.text) == (422, True)
    assert now(world, slip).done_at is None


def test_markup_is_shown_as_it_was_written(client: Client, world: World, case: Case) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        slip = make_slip(case, written(words="<script>alert(1)</script>"), by=actor_of(world.ours.agent))

    assert "&lt;script&gt;alert(1)" in look(client, slip)


def test_a_link_that_is_expired_forged_or_withdrawn_is_absent(
    client: Client, world: World, brought: Slip
) -> None:
    assert post(client, brought, later=timedelta(days=20), what="read") == 404
    signed = address(brought)
    for wrong in (signed[:-2] + "/", signed.replace("/slip/", "/slip/1"), "/slip/x/"):
        assert client.get(wrong).status_code == 404
    with world.ours.scope(), clock.held_at(NINE):
        withdraw(Escalation.objects.get(), by=actor_of(world.ours.agent))

    assert post(client, brought, what="done", text="はい") == 404
    with world.ours.scope():
        assert Escalation.objects.get().answer == ""


def test_too_often_is_refused_with_the_words_kept(client: Client, world: World, slip: Slip) -> None:
    for _ in range(60):
        post(client, slip, what="read")

    with clock.held_at(NINE + HOUR):
        answer = client.post(address(slip), {"what": "done", "text": "折り返し済み"})

    assert (answer.status_code, "折り返し済み" in answer.text) == (422, True)
    assert now(world, slip).done_at is None


def test_in_english(client: Client, slip: Slip) -> None:
    with clock.held_at(NINE):
        assert "I have called back" in client.get(f"{address(slip)}?language=en").text


def test_files_of_the_question_are_saved_and_never_shown(client: Client, world: World, case: Case) -> None:
    whom = Whom(to="outside", name="工場 健司", address="kenji@shop.example")
    drawn = File("図 1.html", "text/html", b"<script>1</script>")
    with world.ours.scope(), clock.held_at(NINE):
        slip = ask(case, whom, question(files=[drawn]), by=actor_of(world.ours.agent)).slips.get()
        [file] = EscalationFile.objects.all()
    path = f"{address(slip)}files/{file.pk}/"
    assert f'href="{path}"' in look(client, slip)

    with clock.held_at(NINE + HOUR):
        answer = client.get(path)

    assert answer.content == b"<script>1</script>"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E5%9B%B3%201.html"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    with clock.held_at(NINE + HOUR):
        assert client.get(f"{address(slip)}files/{file.pk + 1}/").status_code == 404
    with clock.held_at(slip.expires_at):
        assert client.get(path).status_code == 404

    assert post(client, slip, what="done", text="十個あります。") == 302
    assert path not in look(client, slip)
    with clock.held_at(NINE + HOUR):
        assert client.get(path).status_code == 404
