"""Member numbers among the addresses of customers, and what they were called before."""

from django.db import migrations, models

KINDS = [
    ("email", "Mail"),
    ("phone", "Phone"),
    ("line", "LINE"),
    ("web", "Web visitor"),
    ("member", "Member number"),
]


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_verified")]
    operations = [
        migrations.AlterField(
            model_name="identity", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        ),
        migrations.AddField(
            model_name="customer",
            name="former_names",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="former names"),
        ),
    ]
