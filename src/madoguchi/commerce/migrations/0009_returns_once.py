"""A second press of the button takes down no second return."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0008_returns")]

    operations = [
        migrations.AddField("return", "once", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "return", models.UniqueConstraint(fields=("company", "once"), name="return_once")
        ),
    ]
