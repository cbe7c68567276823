"""Files that are sent to us, whoever sends them: no page stores without end before it knows who is there."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class NeverEnding(FileUploadHandler):
    """Hangs up on an upload far beyond what any page takes; below that, pages say themselves what is too large."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > 2 * self._most():
            raise StopUpload(connection_reset=True)
        return raw_data

    def _most(self) -> int:
        """What the page takes: some take more, once it is known who is there."""
        request = self.request
        match = request.resolver_match if request else None
        if request and match and request.user.is_authenticated:
            return int(settings.MUCH_IS_UPLOADED_TO.get(match.view_name, settings.MAX_UPLOAD_BYTES))
        return int(settings.MAX_UPLOAD_BYTES)

    def file_complete(self, file_size: int) -> None:
        return None
