"""When what is collected leaves. Pure: no query, no clock."""

from datetime import datetime, timedelta

from madoguchi.following.models import Way, Wishes
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import USUAL


def is_due(way: str, *, since: datetime, wishes: Wishes, now: datetime) -> bool:
    """Whether what has waited `since` then is to leave: at once, or collected, if its moment has come meanwhile."""
    return way == Way.MAIL or (way == Way.DIGEST and since < last_moment(wishes, now=now))


def last_moment(wishes: Wishes, *, now: datetime) -> datetime:
    """When what is collected left last or should have: at the full hour, or on the last business day at its time."""
    local = now.astimezone(TOKYO)
    if wishes.hourly:
        return local.replace(minute=0, second=0, microsecond=0)
    moment = datetime.combine(local.date(), wishes.digest_at, TOKYO)
    while moment > local or not USUAL.works_on(moment.date()):
        moment -= timedelta(days=1)
    return moment
