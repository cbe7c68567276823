"""What killed processes leave in the file store: it goes after a day, and nothing else does."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import files
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, File
from madoguchi.knowledge.factories import add_picture, make_article, png
from madoguchi.knowledge.models import ArticleFile
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights.leftovers import sweep
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
from madoguchi.voice.logic import By, Outcome
from madoguchi.voice.queries import recorded

DAY = 86_400


@pytest.mark.django_db
def test_what_was_left_half_done_goes_after_a_day(world: World, settings: Any) -> None:
    # given recordings: of a case, of none, of none and new; a letter, and sounds that were being written
    ours = world.ours.company.pk
    root = Path(settings.FILES_ROOT)
    kept, lost, new = (files.put_sealed([name], company=ours) for name in (b"kept", b"lost", b"new"))
    make_case(world.ours.entry_point, files=(recorded("talk.wav", kept),))
    letter = files.put(b"letter", company=ours)
    for name in ("growing-old", "growing-new"):
        (root / str(ours) / name).write_bytes(b"half")
    now = clock.now().timestamp()
    for path in root.rglob("*"):
        if path.is_file() and new.sha256 not in path.name and path.name != "growing-new":
            os.utime(path, (now - DAY - 60,) * 2)

    # when every hour of a day has come
    gone = sum(sweep(hour) for hour in range(24))

    # then the old ones went to which nothing leads
    left = {path.name for path in root.rglob("*") if path.is_file()}
    assert gone == 2
    assert left == {f"{kept.sha256}.sealed", f"{new.sha256}.sealed", letter, "growing-new"}
    assert not files.lies_open(lost.sha256, company=ours)


@pytest.mark.django_db
def test_what_was_recorded_of_a_call_stays_until_that_is_ended(world: World, settings: Any) -> None:
    # given a talk of a killed gateway that could not be ended for two days, and one of a call that is over
    number = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    with world.ours.scope():
        for uid in ("broken", "over"):
            begin_call(number, Begun(uid=uid, caller="", flow=0, at=clock.now()))
        end = {"outcome": Outcome.TALKED, "ended_by": By.CALLER, "answered_at": None, "ended_at": clock.now()}
        end_call("over", Over(**end))
    drafts = [
        Path(settings.FILES_ROOT) / str(number.company_id) / f"growing-{uid}-talk"
        for uid in ("broken", "over")
    ]
    drafts[0].parent.mkdir(parents=True, exist_ok=True)
    for draft in drafts:
        draft.write_bytes(b"said until then")
        os.utime(draft, (clock.now().timestamp() - 2 * DAY,) * 2)

    # when
    gone = [sweep(0)]
    left = [draft.exists() for draft in drafts]
    with world.ours.scope():
        end_call("broken", Over(**end))
    gone.append(sweep(0))

    # then
    assert (gone, left, drafts[0].exists()) == ([1, 1], [True, False], False)


@pytest.mark.django_db
def test_what_was_put_into_an_article_that_nobody_saved_goes_after_a_day(world: World) -> None:
    # given a picture of an article, one that nobody saved, and one that is a customer's, too
    company, agent = world.ours.company, actor_of(world.ours.agent)
    with world.ours.scope():
        names = [add_picture(company, by=agent, content=png(size)) for size in (1, 2, 3)]
        make_article(company, by=agent, body=f"![図](files/{names[0]})")
        hashes = [ArticleFile.objects.get(name=name).sha256 for name in names]
    make_case(world.ours.entry_point, files=(File("図.png", "image/png", png(3)),))

    # when a day has passed
    assert sweep(0) == 0
    with clock.held_at(clock.now() + timedelta(days=1, seconds=1)):
        assert sweep(0) == 1

    # then
    assert [files.lies_open(one, company=company.pk) for one in hashes] == [True, False, True]
    with world.ours.scope():
        assert list(ArticleFile.objects.values_list("name", flat=True)) == names[:1]
