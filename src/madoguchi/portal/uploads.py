"""Files that visitors send, limited while they arrive and not after they have filled the disk; and files for them."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from madoguchi.cases.models import Attachment
from madoguchi.escalations.models import EscalationFile
from madoguchi.infra import files
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.kernel.text import one_line

MOST_FILES = 10
ANY_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9][\w.+-]*/[a-z0-9][\w.+-]*", re.ASCII)


class Quota(FileUploadHandler):
    """Lets files through until their sum is used up and drops the rest; typed text still arrives."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.received = 0

    @property
    def exceeded(self) -> bool:
        """Whether anything was dropped."""
        return self.received > settings.MAX_UPLOAD_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.exceeded:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def limit_uploads(request: HttpRequest) -> Quota:
    """Put the quota before everything that stores; must run before the request's body is read."""
    quota = Quota(request)
    request.upload_handlers.insert(0, quota)
    return quota


class FilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to `MOST_FILES` files; cleans to a tuple of `File`. `quota` says whether the upload was cut off."""

    widget = FilesInput
    quota: Quota | None = None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The limits, so that a script can tell them before anything is uploaded."""
        return {
            **super().widget_attrs(widget),
            "data-most-files": MOST_FILES,
            "data-most-bytes": settings.MAX_UPLOAD_BYTES,
            "data-too-many": too_many(),
            "data-too-large": too_large(),
        }

    def clean(self, data: Any, initial: Any = None) -> tuple[File, ...]:
        if self.quota and self.quota.exceeded:
            raise forms.ValidationError(too_large())
        sent = [super(FilesField, self).clean(one, None) for one in data or []]
        if len(sent) > MOST_FILES:
            raise forms.ValidationError(too_many())
        return tuple(_taken(file) for file in sent if file)


def files_in(request: HttpRequest, quota: Quota) -> tuple[File, ...]:
    """The files that came beside something else than a form of Django, in the same limits.

    Raises Refused, which says what to do.
    """
    field = FilesField(required=False)
    field.quota = quota
    try:
        return field.clean(request.FILES.getlist("files"))
    except forms.ValidationError as error:
        raise Refused(error.messages[0], field="files") from error


def as_download(attachment: Attachment | EscalationFile) -> HttpResponse:
    """A file of a case, always as a download: what strangers sent must never run under our name. Raises NotFound."""
    try:
        content = files.read(attachment.sha256, company=attachment.company_id)
    except FileNotFoundError as error:
        raise NotFound(attachment.pk) from error
    response = HttpResponse(content, content_type=ANY_TYPE)
    response.headers["Content-Disposition"] = content_disposition_header(True, attachment.filename)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def files_help() -> str:
    """How much may be sent."""
    return _("Up to %(n)d files, %(most)s in all.") % {"n": MOST_FILES, "most": _most()}


def too_large() -> str:
    """What to do when the files are too large together."""
    return _("The files are too large together. Choose files of %(most)s in all at most.") % {"most": _most()}


def too_many() -> str:
    """What to do when there are too many files."""
    return _("Choose %(n)d files at most.") % {"n": MOST_FILES}


def _most() -> str:
    return f"{settings.MAX_UPLOAD_BYTES / 1_000_000:g} MB"


def _taken(file: "UploadedFile[bytes]") -> File:
    media_type = (file.content_type or "").lower()
    return File(
        filename=one_line(file.name or "", most=255) or "file",
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else ANY_TYPE,
        content=file.read(),
    )
