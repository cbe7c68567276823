"""Articles as files, out and in: nothing is lost on the way, nothing comes twice, nothing that is there is changed."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    TemplateCare,
    add_article,
    add_template,
    change_template,
    retire_article,
)
from madoguchi.knowledge.actions.archive import Fate, bring_in, foresee, take_along
from madoguchi.knowledge.archive import (
    COLUMNS,
    INDEX,
    KeptArticle,
    KeptFile,
    KeptVersion,
    NoArchive,
    Room,
    articles_in,
    files_of,
    in_folder,
    unpacked,
    write,
)
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion, ReplyTemplate
from madoguchi.knowledge.queries import published
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

BY = system("test")
AT = datetime(2026, 8, 1, 3, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80)
bodies = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200)
versions = st.builds(
    KeptVersion,
    number=st.just(1),
    state=st.sampled_from(["draft", "review", "approved"]),
    title=words,
    body=bodies,
    at=moments,
    writer=words,
    approver=words,
    valid_from=st.none() | moments,
    valid_until=st.none() | moments,
    corrects=st.booleans(),
    comment=words,
)
articles = st.builds(
    lambda first, more, **said: KeptArticle(versions=tuple(_numbered(first, more)), **said),
    first=versions,
    more=st.lists(versions, max_size=2),
    key=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    folder=words,
    desk=words,
    review_on=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    retired_at=st.none() | moments,
)


@pytest.fixture
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def read(path: Path) -> dict[str, bytes]:
    """All files of a folder or a zip."""
    if path.is_dir():
        return dict(in_folder(path, Room()))
    with unpacked(path, Room()) as files:
        return dict(files)


def _numbered(first, more):
    return [replace(one, number=number) for number, one in enumerate([first, *more], 1)]


@given(st.lists(articles, max_size=3, unique_by=lambda one: one.key))
def test_what_goes_out_comes_in_as_it_was(kept: list[KeptArticle]) -> None:
    assert articles_in(dict(files_of(kept))) == kept


@pytest.mark.parametrize("title", ["=1", "'=1", "''=1", "'", "'a", "-"])
def test_a_mark_that_was_there_already_is_no_mark_of_ours(title: str) -> None:
    version = KeptVersion(number=1, state="draft", title=title, body="本文", at=AT)
    kept = [KeptArticle(key="a-1", versions=(version,))]
    assert articles_in(dict(files_of(kept))) == kept


@pytest.mark.parametrize("name", ["articles.zip", "articles"])
def test_a_zip_and_a_folder_hold_the_same(tmp_path: Path, name: str) -> None:
    version = KeptVersion(number=1, state="draft", title="=1+1", body="本文\n二行目", at=AT)
    kept = [KeptArticle(key="a-1", versions=(version,))]
    assert write(tmp_path / name, kept) == 2
    assert articles_in(read(tmp_path / name)) == kept
    assert "'=1+1" in read(tmp_path / name)[INDEX].decode()
    with pytest.raises(FileExistsError):
        write(tmp_path / name, kept)


@pytest.mark.usefixtures("_in_english")
def test_what_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK no zip")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(NoArchive, match=r"no\.zip"):
        read(tmp_path / "no.zip")
    with pytest.raises(NoArchive, match=r"index\.csv is missing"):
        articles_in(read(tmp_path / "empty.zip"))


HEAD = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n1,2\n", "line 2: The columns are"),
        (
            f"{HEAD}\n../x,1,draft,t,,both,ja,,,,2026-08-01T03:00:00+00:00,,,,,no,,,,,,\n",
            "no key of an article",
        ),
        (
            f"{HEAD}\na,one,draft,t,,both,ja,,,,2026-08-01T03:00:00+00:00,,,,,no,,,,,,\n",
            "line 2: invalid literal",
        ),
        (
            f"{HEAD}\na,2,draft,t,,both,ja,,,,2026-08-01T03:00:00+00:00,,,,,no,,,,,,\n",
            "articles/a/2.md is missing",
        ),
        (f"{HEAD}\na,1,draft,t,,both,ja,,,,2026-08-01T03:00:00,,,,,no,,,,,,\n", "names no time zone"),
        (f"{HEAD}\na,1,draft,t,,both,ja,,,,yesterday,,,,,no,,,,,,\n", "line 2: Invalid isoformat"),
    ],
)
@pytest.mark.usefixtures("_in_english")
def test_what_stands_wrong_in_the_table_is_named(table: str, said: str) -> None:
    with pytest.raises(NoArchive, match=said.replace("(", r"\(")):
        articles_in({INDEX: table.encode(), "articles/a/1.md": "本文".encode()})


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def kept_of(world: World, manager: Actor) -> list[KeptArticle]:
    """Ours: one article with two versions in force one after the other, a draft, and one that is retired."""
    with world.ours.scope():
        first = approved(world.ours.company, by=manager, title="返品", body="8日以内です。")
        rewrite(first, "14日以内です。", by=manager, corrects=True)
        make_article(
            world.ours.company, by=manager, title="領収書", body="発行できます。", desk=world.ours.desk
        )
        retire_article(approved(world.ours.company, by=manager, title="昔の話", body="昔です。"), by=manager)
        return take_along(world.ours.company, by=manager)


@pytest.mark.django_db
def test_another_company_gets_all_of_it_once(world: World, manager: Actor) -> None:
    # given
    kept = articles_in(dict(files_of(kept_of(world, manager))))
    theirs, by = world.theirs.company, actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        # when: foreseen, nothing is written
        states = [(fate.state, fate.versions) for fate in foresee(theirs, kept, by=by)]
        assert states == [("new", 2), ("refused", 0), ("new", 1)]
        assert not Article.objects.exists()
        assert (
            foresee(theirs, kept, by=by)[1].reason
            == f"“{world.ours.desk.name}”という名前の窓口がありません。"
        )

        # when
        world.theirs.desk.name = world.ours.desk.name
        world.theirs.desk.save()
        assert [fate.state for fate in bring_in(theirs, kept, by=by)] == ["new", "new", "new"]

        # then
        assert [(one.title, one.body) for one in published(theirs.pk)] == [("返品", "14日以内です。")]
        rows = ArticleVersion.objects.order_by("article_id", "number").values_list(
            "title", "number", "state", "corrects"
        )
        assert list(rows) == [
            ("返品", 1, "approved", False),
            ("返品", 2, "approved", True),
            ("領収書", 1, "draft", False),
            ("昔の話", 1, "approved", False),
        ]
        assert Article.objects.get(title="領収書").desk == world.theirs.desk
        assert Article.objects.get(title="昔の話").retired_at is not None
        [fact] = Event.objects.filter(kind="articles.brought_in")
        assert fact.data == {"articles": 3, "number": 4}

        # when it is brought in once more, and taken along from there
        assert [fate.state for fate in bring_in(theirs, kept, by=by)] == ["same"] * 3
        again = take_along(theirs, by=by)

    # then
    assert [one.key for one in again] == [one.key for one in kept]


@pytest.mark.django_db
def test_newer_versions_are_added_and_other_words_are_never_written_over(
    world: World, manager: Actor
) -> None:
    kept = kept_of(world, manager)
    theirs, by = world.theirs.company, actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        bring_in(theirs, kept[:1], by=by)
    with world.ours.scope():
        rewrite(Article.objects.get(title="返品"), "30日以内です。", by=manager)
        newer = take_along(world.ours.company, by=manager)[:1]
    with world.theirs.scope():
        assert bring_in(theirs, newer, by=by) == [Fate(newer[0].key, "返品", "more", 1)]
        rewrite(Article.objects.get(), "当社では60日です。", by=by)
    with world.ours.scope():
        rewrite(Article.objects.get(title="返品"), "40日以内です。", by=manager)
        newest = take_along(world.ours.company, by=manager)[:1]
    with world.theirs.scope():
        [fate] = bring_in(theirs, newest, by=by)
        assert (fate.state, fate.reason) == ("refused", "第4版の内容が、こちらにあるものと違います。")
        assert [one.body for one in published(theirs.pk)] == ["当社では60日です。"]


@pytest.mark.django_db
def test_what_is_taken_along_comes_home_as_the_same(world: World, manager: Actor) -> None:
    kept = kept_of(world, manager)
    with world.ours.scope():
        assert [fate.state for fate in bring_in(world.ours.company, kept, by=manager)] == ["same"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["agent", "manager", "company_staff"])
def test_only_who_approves_all_of_them_takes_them_along_or_brings_them_in(world: World, who: str) -> None:
    by = actor_of(getattr(world.ours, who))
    with world.ours.scope():
        for act in (
            lambda: take_along(world.ours.company, by=by),
            lambda: bring_in(world.ours.company, [], by=by),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert not Event.objects.filter(kind__startswith="articles.").exists()


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_BYTES"])
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_is_too_large_is_refused_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, bound: str
) -> None:
    folder, packed = tmp_path / "articles", tmp_path / "articles.zip"
    folder.mkdir()
    for name in ("1.md", "2.md"):
        (folder / name).write_text("靴")
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    source = folder if kind == "folder" else packed
    assert read(source) == {"1.md": "靴".encode(), "2.md": "靴".encode()}
    monkeypatch.setattr(f"madoguchi.knowledge.archive.{bound}", {"MOST_FILES": 1, "MOST_BYTES": 5}[bound])

    with pytest.raises(NoArchive):
        read(source)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_one_file_that_is_too_large_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder, packed = tmp_path / "articles", tmp_path / "articles.zip"
    folder.mkdir()
    (folder / "bomb.md").write_bytes(bytes(1_000_000))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "bomb.md", "bomb.md")
    monkeypatch.setattr("madoguchi.knowledge.archive.MOST_OF_A_FILE", 100_000)
    taken: list[int] = []
    whole = zipfile.ZipExtFile.read

    def read_in_pieces(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        taken.append(len(chunk := whole(self, n)))
        return chunk

    monkeypatch.setattr(zipfile.ZipExtFile, "read", read_in_pieces)
    with pytest.raises(NoArchive, match=r"bomb\.md"):
        read(folder if kind == "folder" else packed)
    assert sum(taken) <= 200_000


def test_what_could_unpack_to_anything_at_once_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("1.md", "靴")
    with pytest.raises(NoArchive, match="deflate"):
        read(tmp_path / "a.zip")


def test_files_beside_one_another_have_one_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("1.md", "2.md")]
    for path in paths:
        path.write_text("靴")
    monkeypatch.setattr("madoguchi.knowledge.archive.MOST_BYTES", 5)
    room = Room()
    assert room.read(paths[0]) == "靴".encode()
    with pytest.raises(NoArchive):
        room.read(paths[1])


def test_a_list_of_files_that_is_too_long_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped = tmp_path / "a.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for n in range(4):
            archive.writestr(f"{n}.md", "靴")
    monkeypatch.setattr("madoguchi.knowledge.archive.MOST_FILES", 3)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(NoArchive):
        read(zipped)


def test_of_an_archive_only_what_its_words_name_is_unpacked() -> None:
    asked: list[str] = []

    class Files(dict[str, bytes]):
        def __getitem__(self, name: str) -> bytes:
            asked.append(name)
            return super().__getitem__(name)

    picture = KeptFile(name="0123456789ab.png", filename="箱.png", content=b"x")
    other = replace(picture, name="ba9876543210.png")
    words = "![箱](files/0123456789ab.png)"
    version = KeptVersion(number=1, state="draft", title="靴", body=words, at=AT)
    article = KeptArticle(key="a", versions=(version,), files=(picture, other))

    [found] = articles_in(Files({**dict(files_of([article])), "films/long.mp4": b"x"}))

    assert found == replace(article, files=(picture,))
    assert asked == [INDEX, "articles/a/1.md", "articles/a/files/0123456789ab.png"]


def test_a_script_goes_along_as_one(world: World) -> None:
    said = Said("配送の確認", "番号は？\n- ある\n  お調べします。")
    with world.ours.scope():
        kind, boss = Article.Kind.SCRIPT, actor_of(world.ours.company_manager)
        add_article(world.ours.company, said, Settings(audience="operator"), kind=kind, by=boss)
        kept = articles_in(dict(files_of(take_along(world.ours.company, by=boss))))
    boss = actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        broken = [replace(kept[0], versions=(replace(kept[0].versions[0], body="番号は？\n- ある"),))]
        assert [one.state for one in foresee(world.theirs.company, broken, by=boss)] == ["refused"]
        bring_in(world.theirs.company, kept, by=boss)

        made = Article.objects.get()
        assert (made.kind, made.audience) == ("script", "operator")
        assert made.versions.get().body == "番号は？\n\n- ある\n  お調べします。"


@pytest.mark.django_db
def test_templates_go_along_and_come_in_once(world: World, manager: Actor) -> None:
    # given
    side, lead = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        where = {"desk": None, "name": "お礼", "active": True}
        ends = TemplateCare(review_on=date(2099, 1, 1), ends_on=date(2099, 2, 1), feelings=["anger", "haste"])
        said = add_template(
            side.company, desk=None, name="お礼", body="{{customer}} 様", care=ends, by=manager
        )
        change_template(said, **where, body="{{customer}} 様。", care=ends, by=manager)
        add_template(side.company, desk=side.desk, name="案", body="下書き", draft=True, by=lead)
        kept = articles_in(dict(files_of(take_along(side.company, by=manager))))
    assert [(one.kind, len(one.versions)) for one in kept] == [("template", 2), ("template", 1)]

    # when
    theirs, by = world.theirs.company, actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        assert [fate.state for fate in bring_in(theirs, kept, by=by)] == ["new", "refused"]
        world.theirs.desk.name = side.desk.name
        world.theirs.desk.save()
        assert [fate.state for fate in bring_in(theirs, kept, by=by)] == ["same", "new"]

        # then
        columns = ("name", "body", "state", "version", "ends_on", "feelings")
        assert list(ReplyTemplate.objects.order_by("pk").values_list(*columns)) == [
            ("お礼", "{{customer}} 様。", "approved", 2, date(2099, 2, 1), ["anger", "haste"]),
            ("案", "下書き", "draft", 1, None, []),
        ]
        again = take_along(theirs, by=by)
        assert [[v.body for v in one.versions] for one in again] == [
            [v.body for v in one.versions] for one in kept
        ]

        # what no template could feel is refused, with the rest of it
        foreign = [
            replace(kept[0], feelings="anger 怒り", versions=(replace(kept[0].versions[0], title="別"),))
        ]
        assert [fate.state for fate in bring_in(theirs, foreign, by=by)] == ["refused"]
        assert ReplyTemplate.objects.count() == 2

        # when the words differ, what is here stays
        change_template(ReplyTemplate.objects.get(name="お礼"), **where, body="別", by=by)
        assert [fate.state for fate in bring_in(theirs, kept, by=by)] == ["refused", "same"]
        assert ReplyTemplate.objects.get(name="お礼").body == "別"
