"""How a page says what a case, a file and an offered moment are; filters of Django's templates and of the parts."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from madoguchi.cases.models import Attachment, Case, Priority, Severity, Status
from madoguchi.delivery.scheduling import Offer
from madoguchi.desk.flow import is_picture
from madoguchi.look import moments

# So long a part of a name has its reading above it, of so many letters for each of its own.
_SHORT, _ABOVE = 5, 4


def at(found: object, name: str) -> str:
    """What is said of one field; empty where nothing is."""
    return found.get(name, "") if isinstance(found, Mapping) else ""


def sound(file: Attachment) -> bool:
    """Whether a file may be a recording that is listened to; its bytes are looked at when it is."""
    return file.content_type in ("audio/wav", "audio/x-wav")


def picture(file: Attachment) -> bool:
    """Whether a file is shown as a picture."""
    return is_picture(file.content_type)


def safe_name(file: Attachment) -> str:
    """The name of a file as the last part of an address."""
    name = file.filename.replace("/", "_")
    return name if name.strip(".") else "file"


def day(offer: Offer) -> str:
    """What the words of an offered moment leave open: the time of one that is counted from now, or the day."""
    if offer.name == "hour":
        return moments.near(offer.at, now=timezone.now())
    return moments.day(offer.at) if offer.name in ("business", "monday") else ""


def for_input(at: datetime) -> str:
    """A moment as `<input type="datetime-local">` takes it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def number(case: Case) -> str:
    """The spoken number of a case."""
    return case.spoken_number(case.company.prefix)


def status_name(case: Case) -> str:
    """Where a case stands, in words; Django's own `get_status_display` sorts out all choices each time."""
    return str(Status(case.status).label)


def priority_name(case: Case) -> str:
    """How urgent a case is, in words."""
    return str(Priority(case.priority).label)


def severity_name(case: Case) -> str:
    """How grave it is, in words."""
    return str(Severity(case.severity).label)


def family_name(name: str) -> str:
    """The first part of a name; all of one that has no parts."""
    return (name.split(maxsplit=1) or [""])[0]


def given_name(name: str) -> str:
    """What follows the first part of a name."""
    return " ".join(name.split()[1:])


def ruby_of(name: str, reading: str) -> list[tuple[str, str]]:
    """Each part of a name with its reading, where both have as many parts and each reading fits above its own. Of
    others, as of a firm, the reading stands in a line by itself: above the words it would tear them apart.
    """
    parts = list(zip(name.split(), reading.split(), strict=False))
    even = len(name.split()) == len(reading.split())
    return parts if even and all(len(w) <= _SHORT and len(r) <= _ABOVE * len(w) for w, r in parts) else []
