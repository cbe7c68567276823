"""Files that are sent to us, whoever sends them: no page stores without end before it knows who is there."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class NeverEnding(FileUploadHandler):
    """Hangs up on an upload far beyond what any page takes; below that, pages say themselves what is too large."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > 2 * settings.MAX_UPLOAD_BYTES:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
