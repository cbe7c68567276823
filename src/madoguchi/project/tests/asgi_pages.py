"""Pages that only tests have: a large upload, a large download, and which threads answer."""

import hashlib
import threading
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

CHUNK, CHUNKS = b"0123456789abcdef" * 4096, 400


@login_not_required
@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """What arrived, by its hash."""
    return HttpResponse(hashlib.sha256(request.FILES["file"].read()).hexdigest())


@login_not_required
def download(request: HttpRequest) -> StreamingHttpResponse:
    """Some 26 MB, piece by piece."""

    def pieces() -> Iterator[bytes]:
        for _ in range(CHUNKS):
            yield CHUNK

    return StreamingHttpResponse(pieces(), content_type="application/octet-stream")


@login_not_required
def whereabouts(request: HttpRequest) -> JsonResponse:
    """The thread that answers and the database connection that it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return JsonResponse({"thread": threading.get_ident(), "connection": cursor.fetchone()[0]})


urlpatterns = [path("upload", upload), path("download", download), path("whereabouts", whereabouts)]
