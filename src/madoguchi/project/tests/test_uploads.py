"""What is uploaded without end is not kept."""

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


@pytest.mark.parametrize(("size", "kept"), [(1_000, True), (150_000, True), (400_000, False)])
def test_an_upload_far_beyond_the_limit_is_cut_off(settings: LazySettings, size: int, kept: bool) -> None:
    settings.MAX_UPLOAD_BYTES = 100_000
    sent = {"file": SimpleUploadedFile("f.bin", b"x" * size)}

    request = RequestFactory().post("/account/login/", sent)

    assert ("file" in request.FILES) is kept
