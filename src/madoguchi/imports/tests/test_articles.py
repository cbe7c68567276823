"""Articles that are uploaded: foreseen, brought in once, stopped and gone on with, by who may approve them all."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from madoguchi.imports import running
from madoguchi.imports.actions import articles, working
from madoguchi.imports.actions.articles import upload_articles
from madoguchi.imports.actions.uploading import look_again, start, stop, upload
from madoguchi.imports.actions.working import work
from madoguchi.imports.models import Upload
from madoguchi.imports.queries import companies_to_bring_articles_to, upload_of, uploads_of
from madoguchi.imports.scheduling import is_scheduled
from madoguchi.infra import scope, stopping
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge import loose
from madoguchi.knowledge.actions import approve_version, ask_for_approval
from madoguchi.knowledge.actions.archive import bring_in, take_along
from madoguchi.knowledge.actions.articles import set_policy
from madoguchi.knowledge.archive import COLUMNS, articles_in, files_of
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import published
from madoguchi.people.actions import deactivate
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
TABLE = "質問,回答,分類\n返品は？,8日以内です。,返品\n送料は？,500円です。,配送\n空,,\n"


def a_file(content: str | bytes = TABLE, name: str = "faq.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def uploaded(world: World, *files: SimpleUploadedFile, by: User | None = None, **more: Any) -> Upload:
    with world.ours.scope():
        who = actor_of(by or world.ours.company_manager)
        return upload_articles(files or (a_file(),), company=world.ours.company, by=who, **more)


def now(found: Upload) -> Upload:
    with scope.acting_for([found.company_id]):
        return Upload.objects.select_related("owner", "company").get(pk=found.pk)


def go(found: Upload) -> Upload:
    work(found.pk, company=found.company_id)
    return now(found)


def do(act: Any, found: Upload, world: World, **more: Any) -> Upload:
    with world.ours.scope():
        act(found, by=actor_of(world.ours.company_manager), **more)
    return now(found)


def lines(found: Upload) -> list[tuple[str, str, str]]:
    with scope.acting_for([found.company_id]):
        return list(found.lines.order_by("id").values_list("place", "outcome", "reason"))


def titles(world: World) -> list[tuple[str, str, str]]:
    with world.ours.scope():
        rows = ArticleVersion.objects.order_by("article", "number")
        return list(rows.values_list("title", "article__folder", "state"))


def test_it_is_foreseen_then_comes_in_and_a_second_time_nothing(world: World) -> None:
    looked = go(uploaded(world))

    assert (looked.state, looked.trouble, looked.size, looked.desk_id) == ("looked", "", 3, None)
    assert looked.found["counts"] == {"article": {"created": 2}, "unreadable": {"failed": 1}}
    assert [(one["who"], one["what"]) for one in looked.found["samples"]] == [
        ("返品", "返品は？"),
        ("配送", "送料は？"),
    ]
    assert lines(looked) == [("faq.csvの4行目", "failed", "タイトルか本文がありません。")]
    assert titles(world) == []

    done = go(do(start, looked, world))
    again = go(uploaded(world))

    assert (done.state, done.found["counts"]["article"]) == ("done", {"created": 2})
    assert again.found["counts"]["article"] == {"skipped": 2}
    assert titles(world) == [("返品は？", "返品", "draft"), ("送料は？", "配送", "draft")]
    with world.ours.scope():
        kinds = Event.objects.filter(kind__startswith="import.").order_by("id")
        assert [(e.kind, e.actor_id, e.desk_id) for e in kinds] == [
            (kind, world.ours.company_manager.pk, None)
            for kind in ("import.uploaded", "import.started", "import.ran", "import.uploaded")
        ]
        ran = kinds.get(kind="import.ran")
        assert (ran.data["system"], ran.data["finished"]) == ("articles", True)


def test_an_archive_of_another_company_comes_in_as_it_was_there(world: World) -> None:
    by = actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        approved(world.theirs.company, by=by, title="返品", body="8日以内です。")
        kept = take_along(world.theirs.company, by=by)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files_of(kept):
            archive.writestr(name, content)

    done = go(do(start, go(uploaded(world, a_file(packed.getvalue(), "all.zip"))), world))

    assert (done.state, titles(world)) == ("done", [("返品", "", "approved")])


FOREIGN = "articles/a/1.md"
ROW = "a,1,approved,返品,,both,ja,,,,2020-01-01T00:00:00+09:00,森,林,2020-01-01T00:00:00+09:00,,yes,,,,,,\n"


def forged() -> SimpleUploadedFile:
    """An archive that nobody wrote here: approved years ago, it says, by somebody else."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.csv", f"{','.join(COLUMNS)}\n{ROW}")
        archive.writestr(FOREIGN, "30日以内です。")
    return a_file(packed.getvalue(), "all.zip")


def four_eyes(world: World, wanted: bool = True) -> None:
    with world.ours.scope():
        set_policy(world.ours.company, four_eyes=wanted, by=actor_of(world.ours.company_manager))


LOWERED = "返品: 下書きとして入ります。ここでは、書いた人とは別の人が承認します。"


@pytest.mark.parametrize("turned_on", ["before", "looked", "started"])
def test_no_archive_gets_round_the_second_pair_of_eyes(world: World, turned_on: str) -> None:
    # given
    if turned_on == "before":
        four_eyes(world)
    found = go(uploaded(world, forged()))
    foreseen = [reason for _place, _outcome, reason in lines(found)]
    assert foreseen == ([LOWERED] if turned_on == "before" else [])
    if turned_on == "looked":
        # when it is started it is looked at once more: it was foreseen as something else
        four_eyes(world)
        found = go(do(start, found, world))
        assert (found.state, found.started_at) == ("looked", None)
        assert [reason for _place, _outcome, reason in lines(found)] == [LOWERED]

    # when
    found = do(start, found, world)
    if turned_on == "started":
        four_eyes(world)
    found = go(found)

    # then it is a draft of who brought it in, and they are not alone with it
    manager = world.ours.company_manager
    assert (found.state, [reason for *_where, reason in lines(found)]) == ("done", [LOWERED])
    with world.ours.scope():
        [version] = ArticleVersion.objects.all()
        assert (version.state, version.user_id, version.approved_by_id) == ("draft", manager.pk, None)
        assert (version.valid_from, version.corrects) == (None, False)
        assert not published(world.ours.company.pk).exists()
        ask_for_approval(version.article, by=actor_of(manager))
        with pytest.raises(Refused):
            approve_version(version.article, 1, by=actor_of(manager))


def test_a_draft_of_an_archive_is_of_who_brought_it_in_before_the_rule_too(world: World) -> None:
    draft = ROW.replace("approved", "draft")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.csv", f"{','.join(COLUMNS)}\n{draft}")
        archive.writestr(FOREIGN, "30日以内です。")
    go(do(start, go(uploaded(world, a_file(packed.getvalue(), "all.zip"))), world))
    four_eyes(world)

    by = actor_of(world.ours.company_manager)
    with world.ours.scope():
        [version] = ArticleVersion.objects.all()
        ask_for_approval(version.article, by=by)
        with pytest.raises(Refused):
            approve_version(version.article, 1, by=by)


def test_what_an_archive_says_of_the_past_is_in_force_from_now(world: World) -> None:
    before = clock.now()

    go(do(start, go(uploaded(world, forged())), world))

    with world.ours.scope():
        [version] = published(world.ours.company.pk)
        assert version.valid_from is not None
        assert before <= version.valid_from <= clock.now()
        assert not published(world.ours.company.pk, at=before).exists()


def test_the_command_line_moves_articles_as_they_were(world: World) -> None:
    four_eyes(world)
    files = {"index.csv": f"{','.join(COLUMNS)}\n{ROW}".encode(), FOREIGN: "30日以内です。".encode()}
    with world.ours.scope():
        [fate] = bring_in(world.ours.company, articles_in(files), by=system("command line"))
        [version] = ArticleVersion.objects.all()

    assert (fate.state, fate.reason) == ("new", "")
    assert (version.state, version.user_id, version.valid_from) == (
        "approved",
        None,
        datetime(2019, 12, 31, 15, tzinfo=UTC),
    )


def test_what_is_approved_at_once_is_so_only_where_one_pair_of_eyes_is_enough(world: World) -> None:
    go(do(start, go(uploaded(world, approved=True)), world))
    assert [state for _title, _folder, state in titles(world)] == ["approved", "approved"]
    with world.ours.scope():
        set_policy(world.ours.company, four_eyes=True, by=actor_of(world.ours.company_manager))

    with pytest.raises(Refused) as refused:
        uploaded(world, approved=True)

    assert refused.value.field == "approved"
    with world.ours.scope():
        assert Upload.objects.count() == 1


def test_it_is_stopped_between_portions_and_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 1)
    found = do(start, go(uploaded(world)), world)
    settle = working.articles.settle

    def stopping(upload: Upload, records: Any) -> Any:
        came = settle(upload, records)
        do(stop, upload, world)
        return came

    with monkeypatch.context() as held:
        held.setattr(working.articles, "settle", stopping)
        stopped = go(found)

    # What stopped it has the last word, and what was settled with it stays.
    assert stopped.state == "stopped"
    assert len(titles(world)) == 1
    assert go(do(start, stopped, world)).state == "done"
    assert [title for title, *_more in titles(world)] == ["返品は？", "送料は？"]


@pytest.mark.parametrize("by", ["process", "person"])
def test_it_is_left_while_the_files_are_read(world: World, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    monkeypatch.setattr(articles, "LOOK_EVERY", 1)
    found = uploaded(world, a_file(), a_file("# 返品", "a.md"))
    waiting = is_scheduled(found)

    def stopped(_name: str, _content: bytes) -> str:
        if by == "person":
            do(stop, found, world)
        else:
            stopping.ask_to_stop()
        return "utf-8"

    monkeypatch.setattr(loose, "letters_in", stopped)
    left = go(found)

    # A process that ends leaves it to another one, and counts as no failure.
    assert (left.state, left.begun, left.passed) == (
        ("looking", 0, 0) if by == "process" else ("stopped", 1, 0)
    )
    assert (waiting, is_scheduled(left)) == (True, True)
    assert lines(left) == []


def test_looked_at_again_it_is_read_as_was_said_at_first(world: World) -> None:
    found = go(uploaded(world, approved=True))

    again = go(do(look_again, found, world, said={}))

    assert (again.state, again.asked) == ("looked", {"approved": True})


def test_what_is_no_article_says_so_and_can_be_thrown_away(world: World) -> None:
    found = go(uploaded(world, a_file("x", "readme.txt")))

    assert (found.state, found.found.get("counts")) == ("failed", None)
    assert found.trouble.startswith("これらのファイルには記事がありません。")
    with pytest.raises(Conflict):
        do(start, found, world)


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff", "administrator"])
def test_nobody_else_uploads_or_sees_any(world: World, who: str) -> None:
    person = world.administrator if who == "administrator" else getattr(world.ours, who)
    found = uploaded(world)

    with pytest.raises(NotAllowed):
        uploaded(world, by=person)

    with world.ours.scope():
        by = actor_of(person)
        assert companies_to_bring_articles_to(by) == []
        assert found not in uploads_of(by)
        with pytest.raises(NotFound):
            upload_of(found.pk, actor=by)
        with pytest.raises(NotAllowed):
            start(found, by=by)
        assert Upload.objects.count() == 1


def test_a_foreign_manager_brings_nothing_in(world: World) -> None:
    with pytest.raises(NotAllowed):
        uploaded(world, by=world.theirs.company_manager)
    with world.ours.scope():
        assert not Upload.objects.exists()


def test_whoever_lost_the_right_meanwhile_brings_nothing_in(world: World) -> None:
    found = do(start, go(uploaded(world)), world)
    with scope.everywhere(reason="test"):
        deactivate(world.ours.company_manager, by=actor_of(world.administrator))

    failed = go(found)

    assert (failed.state, titles(world)) == ("failed", [])
    with world.ours.scope():
        assert not Article.objects.exists()


def test_articles_go_through_no_desk_and_cases_through_one(world: World) -> None:
    with world.ours.scope(), pytest.raises(Refused):
        by = actor_of(world.ours.company_manager)
        upload([a_file()], desk=world.ours.desk, system="articles", said={}, by=by)
