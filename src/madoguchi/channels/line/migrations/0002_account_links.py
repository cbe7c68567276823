"""A friend confirms at LINE itself that the account is theirs: what LINE hands back for that, once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("line", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="linkcode",
            name="nonce",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="linkcode",
            name="nonce_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="linkcode",
            name="inviter",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="linkcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("nonce", ""), _negated=True), fields=("company", "nonce"), name="line_nonce_once"
            ),
        ),
    ]
