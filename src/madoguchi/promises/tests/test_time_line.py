"""How a case stood at a moment, looked up by halving, is what going through all of it says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.promises.clocks import TimeLine
from madoguchi.promises.story import STATUSES, Standing, Story

START = datetime(2026, 8, 3, tzinfo=UTC)
MOMENTS = st.integers(0, 12).map(lambda minutes: START + timedelta(minutes=minutes))
STORIES = st.lists(st.tuples(MOMENTS, st.sampled_from(STATUSES)), min_size=1, max_size=12).map(
    lambda stood: Story(
        START,
        [
            (at, Standing(status, False, {"step": frozenset({str(n)})}))
            for n, (at, status) in enumerate(sorted(stood))
        ],
    )
)


@given(STORIES, MOMENTS)
def test_how_it_stood(story: Story, at: datetime) -> None:
    before = [standing for moment, standing in story.standings if moment <= at]

    assert TimeLine.of(story).standing_at(at) == (before[-1] if before else story.standings[0][1])


@given(STORIES, MOMENTS)
def test_since_when_it_rests(story: Story, at: datetime) -> None:
    since = None
    for moment, standing in story.standings:
        if moment <= at:
            since = (since or moment) if standing.rests else None

    assert TimeLine.of(story).rests_since(at) == since


@given(STORIES, MOMENTS, MOMENTS)
def test_when_it_changed(story: Story, begin: datetime, end: datetime) -> None:
    line, moments = TimeLine.of(story), [moment for moment, _standing in story.standings]

    assert line.between(begin, end) == [moment for moment in moments if begin < moment < end]
    assert line.changes_at(end) == any(moment == end for moment in moments)
