"""Pictures and files of articles: whose they are, how long they stay, and that they go along with the articles."""

import io
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from PIL import Image

from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.infra.tests.test_pictures import TAKEN, WHO
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge.actions import Said, add_file, forget_unsaved, version_again, write_article
from madoguchi.knowledge.actions import files as adding
from madoguchi.knowledge.actions.archive import bring_in, foresee, take_along
from madoguchi.knowledge.archive import articles_in, files_of
from madoguchi.knowledge.factories import PNG, add_picture, approved, make_article, png, png_head, rewrite
from madoguchi.knowledge.models import Article, ArticleFile, ArticleVersion
from madoguchi.knowledge.queries import content_of, file_in_sight, file_of_version
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BY = system("test")


@pytest.fixture
def ours(world: World):
    with world.ours.scope():
        yield world.ours.company


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def test_a_picture_is_its_adders_until_they_save_and_the_articles_from_then_on(ours, agent, manager):
    # given
    name = add_picture(ours, by=agent, content=png(64, 48))
    with pytest.raises(NotFound):
        file_in_sight(manager, name)

    # when
    article = make_article(ours, by=agent, body=f"![裏](files/{name})")

    # then
    found = file_in_sight(manager, name)
    assert (found.article_id, found.width, found.height, found.filename) == (article.pk, 64, 48, "図.png")
    assert content_of(found) == png(64, 48)
    assert Event.objects.filter(kind="article.file_added").count() == 1


def test_every_version_keeps_its_own_and_an_old_one_can_be_said_again(ours, manager):
    # given
    old, new = add_picture(ours, by=manager), add_picture(ours, by=manager, content=png(9, 9))
    article = approved(ours, by=manager, body=f"![旧](files/{old})")
    rewrite(article, f"![新](files/{new})", by=manager)
    first, second = article.versions.order_by("number")

    # then: a version shows what it names and nothing else
    assert file_of_version(first, old).size == len(PNG)
    assert file_of_version(second, new).size == len(png(9, 9))
    with pytest.raises(NotFound):
        file_of_version(second, old)

    # and
    again = version_again(article, 1, by=manager)
    assert file_of_version(again, old).article_id == article.pk


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("![](files/{own})", "角かっこ"),
        ("![{{{{図の説明}}}}](files/{own})", "角かっこ"),
        ("![図](files/ffffffffffff.png)", "files/ffffffffffff.png"),
        ("![図](files/{theirs})", "{theirs}"),
    ],
)
def test_what_is_not_here_and_what_says_nothing_is_refused_and_nothing_is_kept(
    ours, agent, manager, body, words
):
    named = {"own": add_picture(ours, by=agent), "theirs": add_picture(ours, by=manager)}
    with pytest.raises(Refused) as refused:
        make_article(ours, by=agent, body=body.format(**named))
    assert refused.value.field == "body"
    assert words.format(**named) in str(refused.value)
    assert not ArticleFile.objects.exclude(article=None).exists()


def test_what_stands_in_another_article_is_of_both(ours, agent, manager):
    name = add_picture(ours, by=manager)
    first = make_article(ours, by=manager, body=f"![図](files/{name})")
    second = make_article(ours, by=agent, title="二つ目", body=f"![図](files/{name})")
    first.delete()
    assert list(ArticleFile.objects.values_list("article", "name")) == [(second.pk, name)]
    assert content_of(file_in_sight(agent, name)) == PNG


def test_a_picture_of_another_company_is_absent(world: World, agent):
    with world.theirs.scope():
        theirs = actor_of(world.theirs.agent)
        name = add_picture(world.theirs.company, by=theirs)
        make_article(world.theirs.company, by=theirs, body=f"![図](files/{name})")
    with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]):
        with pytest.raises(NotFound):
            file_in_sight(agent, name)
        with pytest.raises(Refused, match=name):
            make_article(world.ours.company, by=agent, body=f"![図](files/{name})")
        with pytest.raises(NotAllowed):
            add_picture(world.theirs.company, by=agent)


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("a.svg", b"<svg>", "PNG"),
        ("a.png", PNG + b"0" * 5_000_000, "5MB"),
        ("a.png", png_head(8_000, 5_001), "40,000,000"),
        ("a.png", png_head(40, 30), "壊れて"),
        ("a.png", PNG[:45], "壊れて"),
        ("a.pdf", b"%PDF-" + b"0" * 20_000_000, "20MB"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(ours, agent, filename, content, words):
    with patch.object(files, "put") as put, pytest.raises(Refused, match=words):
        add_file(ours, File(filename, "", content), by=agent)
    put.assert_not_called()
    assert not ArticleFile.objects.exists()
    assert not Event.objects.filter(kind="article.file_added").exists()


def test_a_picture_tells_nobody_where_it_was_taken(ours, agent):
    name = add_picture(ours, by=agent, content=TAKEN["JPEG"], filename="現場.jpg")
    found = file_in_sight(agent, name)
    content = content_of(found)
    assert not dict(Image.open(io.BytesIO(content)).getexif())
    assert (found.size, found.width, found.height) == (len(content), 60, 40)
    assert WHO.encode() in TAKEN["JPEG"]
    assert WHO.encode() not in content


def test_nor_does_one_that_an_archive_brings(ours, world: World, manager):
    # given an archive made elsewhere
    name = add_picture(ours, by=manager, content=TAKEN["JPEG"], filename="現場.jpg")
    approved(ours, by=manager, body=f"![現場](files/{name})")
    [kept] = take_along(ours, by=manager)
    elsewhere = replace(kept, files=(replace(kept.files[0], content=TAKEN["JPEG"]),))
    broken = replace(kept, files=(replace(kept.files[0], content=TAKEN["JPEG"][:-300]),))
    with world.theirs.scope():
        # when
        [refused] = bring_in(world.theirs.company, [broken], by=BY)
        assert (refused.state, name in refused.reason, "壊れて" in refused.reason) == ("refused", True, True)
        assert not ArticleFile.objects.exists()
        [fate] = bring_in(world.theirs.company, [elsewhere], by=BY)

        # then
        assert fate.state == "new"
        content = content_of(ArticleFile.objects.get())
        assert not dict(Image.open(io.BytesIO(content)).getexif())
        assert WHO.encode() not in content


def test_a_company_has_room_for_so_much_and_what_nobody_saved_makes_room(ours, agent, monkeypatch):
    # given room for one
    monkeypatch.setattr(adding, "MOST_OF_COMPANY", len(PNG) + 1)
    add_picture(ours, by=agent)
    with pytest.raises(Refused, match="小さく"):
        add_picture(ours, by=agent)

    # when a day has passed
    digest = ArticleFile.objects.get().sha256
    assert forget_unsaved(ours.pk) == set()
    with clock.held_at(clock.now() + timedelta(days=1, seconds=1)):
        assert forget_unsaved(ours.pk) == {digest}
        name = add_picture(ours, by=agent)

    # then
    assert list(ArticleFile.objects.values_list("name", flat=True)) == [name]


def test_the_same_bytes_of_two_articles_take_room_once(ours, agent, manager, monkeypatch):
    name = add_picture(ours, by=manager)
    for _article in range(2):
        make_article(ours, by=manager, body=f"![裏](files/{name})")
    assert ArticleFile.objects.count() == 2
    monkeypatch.setattr(adding, "MOST_OF_COMPANY", 2 * len(PNG))
    assert add_picture(ours, by=agent) != name


def test_an_archive_for_which_there_is_no_room_brings_nothing(ours, world: World, manager, monkeypatch):
    name = add_picture(ours, by=manager)
    make_article(ours, by=manager, body=f"![裏](files/{name})")
    kept = take_along(ours, by=manager)
    monkeypatch.setattr(adding, "MOST_OF_COMPANY", len(PNG) - 1)
    with world.theirs.scope():
        with pytest.raises(Refused, match="小さく"), transaction.atomic():
            bring_in(world.theirs.company, kept, by=BY)
        assert (Article.objects.count(), ArticleFile.objects.count()) == (0, 0)


def test_an_archive_brings_them_along_as_they_were(ours, world: World, manager):
    # given
    name = add_picture(ours, by=manager, filename="裏面[1].png")
    pdf = add_picture(ours, by=manager, content=b"%PDF-1.7", filename="見積書.pdf")
    approved(ours, by=manager, body=f"![裏](files/{name}) [見積書](files/{pdf})")
    kept = take_along(ours, by=manager)

    # when
    read = articles_in(dict(files_of(kept)))
    assert read == kept
    with world.theirs.scope():
        [fate] = bring_in(world.theirs.company, read, by=BY)

        # then
        assert (fate.state, fate.versions) == ("new", 1)
        version = ArticleVersion.objects.get()
        assert content_of(file_of_version(version, name)) == PNG
        assert file_of_version(version, pdf).filename == "見積書.pdf"
        assert file_of_version(version, name).width == 40
        # and once more it changes nothing
        [again] = bring_in(world.theirs.company, read, by=BY)
        assert again.state == "same"
        assert ArticleFile.objects.count() == 2


def test_an_archive_whose_files_are_missing_or_others_is_refused(ours, world: World, manager):
    name = add_picture(ours, by=manager)
    make_article(ours, by=manager, body=f"![裏](files/{name})")
    [kept] = take_along(ours, by=manager)
    forged = replace(kept.files[0], content=b"<script>")
    with world.theirs.scope():
        fates = foresee(
            world.theirs.company, [replace(kept, files=()), replace(kept, files=(forged,))], by=BY
        )
        bring_in(world.theirs.company, [replace(kept, files=(forged,))], by=BY)
        assert [fate.state for fate in fates] == ["refused", "refused"]
        assert all(name in fate.reason for fate in fates)
        assert not Article.objects.exists()


def test_the_bytes_stay_while_an_article_names_them_whoever_is_erased(ours, agent):
    from madoguchi.rights.erasing import is_named

    name = add_picture(ours, by=agent)
    digest = ArticleFile.objects.get(name=name).sha256
    assert is_named(digest, company=ours.pk)
    assert files.drop_unless(lambda: is_named(digest, company=ours.pk), digest, company=ours.pk) is False
    assert content_of(ArticleFile.objects.get(name=name)) == PNG


def test_words_that_changed_nothing_take_nothing_up(ours, agent):
    article = make_article(ours, by=agent, body="文だけです。")
    write_article(article, Said(article.title, "文だけです。"), by=agent)
    assert not ArticleFile.objects.exists()
