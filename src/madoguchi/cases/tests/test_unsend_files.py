"""What a customer takes back goes from the store, unless something else shows the same bytes."""

import pytest

from madoguchi.cases.actions import unsend
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Message
from madoguchi.infra import files
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File
from madoguchi.knowledge.factories import add_picture, make_article, png
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("line")


def taken_back(world: World, content: bytes) -> str:
    """The hash of a picture that came with a message, which was then taken back."""
    case = make_case(world.ours.entry_point, files=(File("図.png", "image/png", content),))
    with world.ours.scope():
        digest = Attachment.objects.get(message__case=case).sha256
        message = Message.objects.get(case=case)
        assert unsend(message.pk, by=BY) is True
        assert unsend(message.pk, by=BY) is False
        assert not Attachment.objects.filter(message=message).exists()
    return str(digest)


def test_a_picture_goes_with_its_message(world: World) -> None:
    digest = taken_back(world, png(5))
    assert not files.lies_open(digest, company=world.ours.company.pk)


def test_a_picture_that_an_article_shows_too_stays(world: World) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        name = add_picture(world.ours.company, by=agent, content=png(6))
        make_article(world.ours.company, by=agent, body=f"![図](files/{name})")
    digest = taken_back(world, png(6))
    assert files.read(digest, company=world.ours.company.pk) == png(6)


def test_what_another_companys_article_shows_keeps_nothing_here(world: World) -> None:
    with world.theirs.scope():
        theirs = actor_of(world.theirs.agent)
        name = add_picture(world.theirs.company, by=theirs, content=png(7))
        make_article(world.theirs.company, by=theirs, body=f"![図](files/{name})")
    digest = taken_back(world, png(7))
    assert not files.lies_open(digest, company=world.ours.company.pk)
    assert files.read(digest, company=world.theirs.company.pk) == png(7)
