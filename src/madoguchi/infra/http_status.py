"""Which status an error has for those who ask over HTTP: one table for pages and for the API."""

from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import Conflict, MadoguchiError, NotAllowed, NotFound, Refused

STATUS: dict[type[MadoguchiError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Refused: 422,
    Conflict: 409,
    TooOften: 429,
}


def status_of(error: MadoguchiError) -> int:
    """The status of this error; 400 where none is named."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
