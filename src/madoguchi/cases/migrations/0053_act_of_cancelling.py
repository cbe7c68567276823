"""The act of cancelling is not of orders alone. Changes no table."""

from django.db import migrations, models

ACTS = [
    ("address", "Changing addresses and numbers in the record"),
    ("refund", "Giving money back, or an exchange"),
    ("cancel", "Cancelling an order, a subscription or a reservation"),
    ("details", "Giving details or papers of an order"),
    ("disclose", "Demands about their data (disclosure and others)"),
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0052_window")]

    operations = [
        migrations.AlterField(
            model_name="identityneed", name="act", field=models.CharField(choices=ACTS, max_length=10)
        ),
    ]
