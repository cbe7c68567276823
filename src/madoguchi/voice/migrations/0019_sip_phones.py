"""SIP telephones of people, and whether a call is at one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import madoguchi.infra.secrets
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("voice", "0018_products_of_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="agentphone",
            name="telephone",
            field=models.BooleanField(db_default=False, default=False),
        ),
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="SipPhone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=32, unique=True)),
                        ("ha1", madoguchi.infra.secrets.SecretField()),
                        ("made_at", models.DateTimeField()),
                        ("contact", models.CharField(blank=True, default="", max_length=300)),
                        ("host", models.CharField(blank=True, default="", max_length=45)),
                        ("port", models.PositiveIntegerField(default=0)),
                        ("agent", models.CharField(blank=True, default="", max_length=80)),
                        ("registered_until", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
            ]
        ),
    ]
