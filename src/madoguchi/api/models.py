"""What programs were told, so that they are told the same again."""

from django.db import models

from madoguchi.people.models import AccessToken


class KeptAnswer(models.Model):
    """What a token was told on a request with an Idempotency-Key: only names of what was made, no word of a customer.

    `asked` is a hash over the request.
    """

    token = models.ForeignKey(AccessToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    asked = models.BinaryField(max_length=32)
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["at"], name="kept_answer_by_age")]
