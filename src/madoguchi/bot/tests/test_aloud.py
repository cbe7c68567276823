"""How articles sound is kept beside them, and found by whoever types it."""

import pytest

from madoguchi.bot.actions import read_aloud
from madoguchi.bot.reader import Reader, Unreadable
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.helpcentre.queries import find, readable
from madoguchi.knowledge.models import ArticleVersion

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_approved_is_found_by_its_sound_once_it_was_read(world, articles, reader) -> None:
    # given
    with world.ours.scope():
        centre = HelpCentre(company=world.ours.company)
        assert find(readable(centre, "ja"), "りょうしゅうしょ") == []
    with pytest.raises(Unreadable):
        read_aloud(reader=Reader(("false",)))

    # when
    assert (read_aloud(reader=reader), read_aloud(reader=reader)) == (len(articles), 0)

    # then
    with world.ours.scope():
        [found] = find(readable(centre, "ja"), "りょうしゅうしょ")
        assert found.article_id == articles["領収書"].pk
        assert find(readable(centre, "ja"), "へんぴん")[0].article_id == articles["返品"].pk
        assert ArticleVersion.objects.get(article=articles["退会"]).reading.startswith("かいいんをたいかい")


def test_one_that_breaks_the_reader_holds_up_no_other(world, articles, reader) -> None:
    class Breaks(Reader):
        def aloud(self, texts):
            if any(title == "退会" for title, _body in texts):
                raise Unreadable("broken")
            return reader.aloud(texts)

    with world.ours.scope():
        broken = ArticleVersion.objects.get(article=articles["退会"])
        ArticleVersion.objects.filter(pk=broken.pk).update(title="退会")

    assert (read_aloud(reader=Breaks()), read_aloud(reader=Breaks())) == (len(articles), 0)

    with world.ours.scope():
        readings = dict(ArticleVersion.objects.values_list("article", "reading"))
        assert readings[articles["退会"].pk] == "退会"
        assert "へんぴん" in readings[articles["返品"].pk]
