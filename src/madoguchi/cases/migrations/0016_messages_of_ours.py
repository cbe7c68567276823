from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_merge_and_after")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["company", "external_id"],
                name="message_of_ours",
                condition=models.Q(("author", "customer"), _negated=True),
            ),
        ),
    ]
