"""Pictures that a mail shows from elsewhere: fetched by us when somebody asks, so that whoever sent it learns neither
who reads nor from where.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as TimeIsUp

from django.utils.translation import gettext as _

from madoguchi.cases.models import Message
from madoguchi.channels.email.events import ImagesShown
from madoguchi.channels.email.html import remote_images
from madoguchi.channels.email.models import RemoteImage
from madoguchi.infra import files, web
from madoguchi.infra.event_log import record
from madoguchi.infra.limits import count, require_room
from madoguchi.kernel import clock, pictures
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

MOST_IMAGES = 60
# One mail's pictures together; a web process may hold them all at once.
BOUNDS = web.Bounds(most=3_000_000, seconds=6)
SECONDS = 8
# By one person: far more than anybody reads, and too little for our server to be somebody's tool.
MOST_MAILS_AN_HOUR = 120
_AT_ONCE = 6
# The same for every reader of every installation: nothing here tells who looks.
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Mozilla/5.0 (image proxy)"}


def fetch_images(message: Message, *, by: Actor) -> int:
    """Fetch the pictures of a mail that are not here yet, and return how many came; whoever reads the mail sees
    them from then on. Raises NotAllowed, Refused for a mail without any, TooOften for who asks for very many.

    Nothing is written before the fetching is over: readers of the log wait for writers.
    """
    case = message.case
    if not by.may(Permission.CASE_READ, company=case.company_id, desk=case.desk_id):
        raise NotAllowed(Permission.CASE_READ)
    wanted = remote_images(message.html)[:MOST_IMAGES]
    if not wanted:
        raise Refused(_("This mail shows no pictures from elsewhere."))
    known = copies_of(message)
    uses = f"remote images of {by.kind} {by.id}"
    require_room(uses, most=MOST_MAILS_AN_HOUR, seconds=3600)
    fetched = dict(_fetched([address for address in wanted if address not in known]))
    count(uses, most=MOST_MAILS_AN_HOUR, seconds=3600)
    _keep(message, fetched)
    fact = ImagesShown(
        **case.where,
        message=message.pk,
        asked=len(wanted),
        fetched=len(fetched),
    )
    record(fact, by=by)
    return len(fetched)


def copies_of(message: Message) -> dict[str, str]:
    """The pictures of a mail that are here: address to the hash of the file."""
    return dict(RemoteImage.objects.filter(message=message).values_list("address", "sha256"))


def _keep(message: Message, fetched: dict[str, bytes]) -> None:
    rows = [
        RemoteImage(
            company_id=message.company_id,
            message=message,
            address=address,
            sha256=files.put(content, company=message.company_id),
            fetched_at=clock.now(),
        )
        for address, content in fetched.items()
    ]
    RemoteImage.objects.bulk_create(rows, ignore_conflicts=True)


def _fetched(addresses: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """What comes within the time, side by side in threads that ask no database."""
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="remote-image")
    try:
        asked = {pool.submit(_picture_at, address): address for address in addresses}
        for done in as_completed(asked, timeout=SECONDS):
            if content := done.result():
                yield asked[done], content
    except TimeIsUp:
        return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _picture_at(address: str) -> bytes:
    """The picture that an address leads to; empty for whatever is none, is a bomb, or only counts readers."""
    try:
        answer = web.get(address, headers=_HEADERS, bounds=BOUNDS)
    except web.NoAnswer:
        return b""
    width, height = pictures.size_of(answer.body) or (0, 0)
    is_seen = width * height > 4
    return answer.body if answer.status == 200 and is_seen and pictures.may_be_shown(answer.body) else b""
