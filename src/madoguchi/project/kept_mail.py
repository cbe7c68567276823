"""Mail to staff as files, while there is no mail server: for the account that runs the product alone."""

from pathlib import Path
from typing import Any

from django.core.mail.backends.filebased import EmailBackend


class KeptMail(EmailBackend):
    """Django's files in a folder that nobody else on the machine can open: they hold links to new passwords."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Path(self.file_path).chmod(0o700)
