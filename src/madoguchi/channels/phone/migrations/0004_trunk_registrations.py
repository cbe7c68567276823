"""How registrations at carriers stand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phone", "0003_calls_stay_known")]

    operations = [
        migrations.CreateModel(
            name="TrunkRegistration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("number", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("registered", "registered"),
                            ("refused", "refused"),
                            ("silent", "no answer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("code", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
    ]
