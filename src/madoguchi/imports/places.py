"""Where in its file something stands, in the words of who reads the report."""

from django.utils.translation import gettext as _


def line_of(file: str, number: int, last: int = 0) -> str:
    """A line of a file, or the lines up to the `last` one."""
    lines = f"{number}-{last}" if last > number else str(number)
    return _("%(file)s line %(lines)s") % {"file": file, "lines": lines}
