from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("promises", "0005_ledger_security"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(condition=models.Q(("state", "open")), fields=["due_at"], name="promise_open"),
        ),
    ]
