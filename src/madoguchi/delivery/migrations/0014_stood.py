"""How the case stood before an answer, so that taking it back gives that back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_squashed_0013_line")]

    operations = [migrations.AddField("outgoing", "stood", models.JSONField(null=True))]
