"""Articles out of Markdown and tables: what each file says, and that what cannot be read is told, never left out."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge import loose
from madoguchi.knowledge.actions.archive import Fate, bring_in, foresee
from madoguchi.knowledge.archive import KeptArticle, NoArchive, files_of
from madoguchi.knowledge.factories import png
from madoguchi.knowledge.loose import As, Interrupted, NotRead, articles_of
from madoguchi.knowledge.models import Article, ArticleFile, ArticleVersion
from madoguchi.knowledge.queries import published
from madoguchi.knowledge.table import rows_in
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

PICTURE = png()
AT = datetime(2026, 8, 1, 3, 0, tzinfo=UTC)
DRAFTS, APPROVED = As(approved=False, at=AT), As(approved=True, at=AT)
HEAD = "---\ntitle：送料\n分類：配送: 本州\n対象: お客様\n見直し日: 2026年12月1日\nauthor: 森\n---\n"


def zipped(path: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read(path: Path, how: As = DRAFTS) -> list[KeptArticle | NotRead]:
    with override("en"):
        return articles_of([path], how)


def said(found: list[KeptArticle | NotRead]) -> list[tuple[str, ...]]:
    return [
        (one.place, one.reason)
        if isinstance(one, NotRead)
        else (one.versions[0].title, one.versions[0].body, one.folder)
        for one in found
    ]


def test_markdown_in_folders_with_its_pictures(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "手引き/返品/期限.md": "# 返品の期限 #\n\n![箱](<../img/box 1.png>)\n[表](https://a.example/x.pdf)\r\n",
        "手引き/img/box 1.png": PICTURE,
        "手引き/送料.markdown": f"{HEAD}500円です。",
        "手引き/無題.md": "本文だけ",
        "__MACOSX/手引き/._無題.md": "x",
        "手引き/.DS_Store": b"\0",
    }
    found = read(zipped(tmp_path / "a.zip", files))

    by_title = {one.versions[0].title: one for one in found if isinstance(one, KeptArticle)}
    [file] = by_title["返品の期限"].files
    assert said([by_title["返品の期限"], by_title["送料"], by_title["無題"]]) == [
        ("返品の期限", f"![箱](files/{file.name})\n[表](https://a.example/x.pdf)", "返品"),
        ("送料", "500円です。", "配送: 本州"),
        ("無題", "本文だけ", ""),
    ]
    assert (file.filename, file.content) == ("box 1.png", PICTURE)
    assert (by_title["送料"].audience, by_title["送料"].review_on) == ("customer", date(2026, 12, 1))
    assert by_title["無題"].versions[0].state == "draft"


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_in_any_letters(tmp_path: Path, letters: str, delimiter: str) -> None:
    rows = ["質問 回答 カテゴリ 備考", "返品は？ ㈱の品は8日。 返品 x", "送料は？ 500円。 配送 y"]
    path = tmp_path / "faq.csv"
    path.write_bytes("\r\n".join(row.replace(" ", delimiter) for row in rows).encode(letters))

    found = read(path, APPROVED)

    assert said(found) == [("返品は？", "㈱の品は8日。", "返品"), ("送料は？", "500円。", "配送")]
    assert [
        (one.versions[0].state, one.versions[0].valid_from) for one in found if isinstance(one, KeptArticle)
    ] == [("approved", AT)] * 2


def test_rows_that_are_none_are_told_with_their_line_and_hinder_no_other(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text(
        'id,title,body,audience,review\n1,a,"b\n二行目",both,\n2,c,,both,\n3,d,e\n4,f,g,皆さま,\n5,h,i,,来週\n1,z,z,,\n\n6,j,k,,\n'
    )

    found = read(path)

    assert said(found) == [
        ("a", "b\n二行目", ""),
        ("faq.csv, line 4", "It has no title or no text."),
        ("faq.csv, line 5", "It has 3 cells, and there are 5 columns."),
        (
            "faq.csv, line 6",
            "Nobody here knows what “皆さま” means. Write one of these: both, customer, operator",
        ),
        ("faq.csv, line 7", "“来週” is no day. Write one like 2026-12-01."),
        ("faq.csv, line 8", "It stands in these files twice."),
        ("j", "k", ""),
    ]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a.md": "![x](b.png)"}, "“b.png” is missing, which its words show."),
        ({"a.md": "[x](b.pdf)", "b.pdf": b"MZ"}, "“b.pdf” is not what its name says."),
        ({"a.md": "[x](../../etc/b.pdf)"}, "“../../etc/b.pdf” is missing, which its words show."),
        ({"a.md": b"\x81\xff\xfe"}, "a.md is neither UTF-8 nor Shift_JIS throughout."),
        (
            {"a.md": "---\n言語: 中文\n---\nx"},
            "Nobody here knows what “中文” means. Write one of these: ja, en",
        ),
    ],
)
def test_markdown_that_cannot_come_says_why(tmp_path: Path, files: dict[str, bytes | str], why: str) -> None:
    assert said(read(zipped(tmp_path / "a.zip", files))) == [("a.md", why)]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"x", "There is no article in these files"),
        ("a.csv", "件名,お客様\nx,y\n".encode(), "a.csv: name one column “title” or “question”"),
        ("a.csv", b"\x81\xff\xfe", "neither UTF-8 nor Shift_JIS"),
        ("a.zip", b"PK", r"a\.zip"),
    ],
)
def test_what_is_none_of_it_is_refused_as_a_whole(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NoArchive, match=why):
        read(path)


def test_names_of_a_zip_from_windows_are_read_in_its_letters(tmp_path: Path) -> None:
    """The letters of Windows, as its own program writes them: without saying so."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("xxxx/a.md", "本文")
    path = tmp_path / "a.zip"
    path.write_bytes(raw.getvalue().replace(b"xxxx", "返品".encode("cp932")))

    assert said(read(zipped(tmp_path / "b.zip", {"c.md": "x", "返品/a.md": "本文"})))[1] == (
        "a",
        "本文",
        "返品",
    )
    [found] = read(path)
    assert isinstance(found, KeptArticle)
    assert found.place == "a.md"  # the one folder that all lie in is none


def test_an_archive_of_ours_is_read_as_it_was(tmp_path: Path) -> None:
    [kept] = [
        one
        for one in read(zipped(tmp_path / "a.zip", {"c.md": "x"}), APPROVED)
        if isinstance(one, KeptArticle)
    ]
    version = kept.versions[0]
    numbered = KeptArticle(
        key=kept.key, versions=(type(version)(number=1, state="draft", title="t", body="b", at=AT),)
    )
    assert read(zipped(tmp_path / "b.zip", dict(files_of([numbered]))), APPROVED) == [numbered]


def test_all_files_of_an_upload_share_one_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [zipped(tmp_path / f"{n}.zip", {f"{n}.md": "靴", "film.mp4": "x" * 100}) for n in range(3)]
    assert len(articles_of(paths, DRAFTS)) == 3  # what no words name takes no room
    monkeypatch.setattr(loose, "MOST_OF_AN_UPLOAD", 8)

    with pytest.raises(NoArchive):
        articles_of(paths, DRAFTS)
    assert len(articles_of(paths[:2], DRAFTS)) == 2


def test_and_so_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [zipped(tmp_path / f"{n}.zip", {f"{n}.md": "靴", f"{n}.txt": "x"}) for n in range(2)]
    monkeypatch.setattr("madoguchi.knowledge.archive.MOST_FILES", 6)
    assert len(articles_of(paths, DRAFTS)) == 2
    monkeypatch.setattr("madoguchi.knowledge.archive.MOST_FILES", 5)
    with pytest.raises(NoArchive):
        articles_of(paths, DRAFTS)


@pytest.mark.parametrize("name", ["a.md", "a.csv"])
def test_words_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(loose, "MOST_OF_WORDS", 30)
    (tmp_path / name).write_text("title,body\na,b\n")
    assert len(read(tmp_path / name)) == 1
    (tmp_path / name).write_text("title,body\n" + "a,b\n" * 5)
    with pytest.raises(NoArchive, match=name):
        read(tmp_path / name)


def test_it_is_left_between_two_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.md": "靴" for n in range(5)})
    left = iter([True, True, True, False])
    with pytest.raises(Interrupted):
        articles_of([path], DRAFTS, goes_on=lambda: next(left))
    assert list(left) == []


def test_a_table_of_very_many_columns_is_none_and_quotes_few() -> None:
    for columns, said in ((200, "name one column"), (201, "more than 200 columns")):
        with override("en"), pytest.raises(NoArchive, match=said) as refused:
            list(rows_in("a.csv", ",".join(["見出し" * 100] * columns).encode()))
        assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    ("words", "title", "body"),
    [
        ("\n# 返品 #\n本文", "返品", "本文"),
        ("#\t返品", "返品", ""),
        ("#返品\n本文", "a", "#返品\n本文"),
        ("# #\n本文", "a", "# #\n本文"),
        (f"# {'長' * 398}\n本文", "長" * 398, "本文"),
        (f"# {'長' * 399}\n本文", "a", f"# {'長' * 399}\n本文"),
    ],
)
def test_the_first_heading_is_the_title(tmp_path: Path, words: str, title: str, body: str) -> None:
    (tmp_path / "a.md").write_text(words)
    assert said(read(tmp_path / "a.md")) == [(title, body, "")]


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(content: bytes) -> None:
    with suppress(NoArchive):
        rows = list(rows_in("a.csv", content))
        assert all(row.wrong or (row.given["title"] and row.given["body"]) for row in rows)


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.mark.django_db
def test_the_same_changes_nothing_and_other_words_come_as_the_next_version(
    tmp_path: Path, world: World, manager: Actor
) -> None:
    company = world.ours.company

    def come(words: str, how: As) -> list[Fate]:
        path = zipped(tmp_path / "a.zip", {"返品.md": f"{words}\n![箱](箱.png)", "箱.png": PICTURE})
        articles = [one for one in articles_of([path], how) if isinstance(one, KeptArticle)]
        foreseen = foresee(company, articles, by=manager)
        assert bring_in(company, articles, by=manager) == foreseen
        return foreseen

    with world.ours.scope():
        states = [
            [(fate.state, fate.versions) for fate in come(words, how)]
            for words, how in [("8日", DRAFTS), ("8日", APPROVED), ("14日", APPROVED)]
        ]
        assert states == [[("new", 1)], [("same", 0)], [("more", 1)]]
        rows = ArticleVersion.objects.order_by("number").values_list("number", "state", "user")
        assert list(rows) == [(1, "draft", manager.id), (2, "approved", manager.id)]
        [shown] = published(company.pk)
        assert shown.body.startswith("14日\n![箱](files/")
        assert (Article.objects.count(), ArticleFile.objects.count()) == (1, 1)
        assert Event.objects.filter(kind="articles.brought_in").count() == 2


def test_originals_readers_and_scripts_are_named_in_the_files(world: World, tmp_path: Path) -> None:
    table = (
        "質問,回答,言語,翻訳元,受託者,種類\n"
        "Postage,We pay.,en,返品の送料,,\n"
        "返品の送料,当社負担です。,,,,\n"
        "社内の手順,まず確認。,,,ひばりコール、自社,\n"
        "配送の確認,番号は？\n"
    ).replace("配送の確認,番号は？\n", '配送の確認,"番号は？\n- ある\n  お調べします。",,,,台本\n')
    (tmp_path / "faq.csv").write_text(table)
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "en.md").write_text(
        "---\noriginal: ja.md\nlanguage: en\n---\n# Hours\n\nNine to five."
    )
    (tmp_path / "guide" / "ja.md").write_text("# 営業時間\n\n9時から17時です。")
    boss = actor_of(world.ours.company_manager)

    found = [
        one
        for path in (tmp_path / "faq.csv", tmp_path / "guide")
        for one in articles_of([path], DRAFTS)
        if isinstance(one, KeptArticle)
    ]
    with world.ours.scope():
        bring_in(world.ours.company, found, by=boss)
        made = {one.title: one for one in Article.objects.select_related("original")}

    assert [
        made[one].original == made[other] for one, other in (("Postage", "返品の送料"), ("Hours", "営業時間"))
    ] == [
        True,
        True,
    ]
    with world.ours.scope():
        assert made["Postage"].versions.get().follows == 1
    inner, script = made["社内の手順"], made["配送の確認"]
    assert (inner.audience, inner.restricted, inner.operators) == ("operator", True, [])
    assert (script.kind, script.audience) == ("script", "operator")


def test_a_script_that_nobody_could_walk_is_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('title,body,kind\n確認,"番号は？\n- ある",script\n')
    with world.ours.scope(), override("en"):
        found = [one for one in articles_of([tmp_path / "a.csv"], DRAFTS) if isinstance(one, KeptArticle)]
        fates = foresee(world.ours.company, found, by=actor_of(world.ours.company_manager))
    assert [(one.state, "write what is said" in one.reason) for one in fates] == [("refused", True)]
