"""What every mail has that is no answer to a customer: a row before it is a connection."""

from uuid import uuid4

from django.db import models


class Letter(models.Model):
    """A mail on its way, to staff or to somebody outside. It holds no words: what it says is read when it leaves. The
    state is committed before a connection is opened, and its id is that of the mail in every try.
    """

    class State(models.TextChoices):
        """Where it stands; `needless` is one of which nothing was left to say."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        NEEDLESS = "needless"

    id = models.UUIDField(primary_key=True, default=uuid4)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    response = models.TextField(blank=True)

    class Meta:
        abstract = True
