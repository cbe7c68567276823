from django.db import migrations, models

_WAYS = [
    ("bell", "in the console only"),
    ("mail", "and by mail, at once"),
    ("digest", "and by mail, collected"),
    ("none", "not at all"),
]


class Migration(migrations.Migration):
    dependencies = [("following", "0005_letters")]
    operations = [
        migrations.AddField(
            model_name="wishes",
            name="due",
            field=models.CharField(choices=_WAYS, db_default="bell", default="bell", max_length=6),
        ),
        # What falls due was told as tasks were.
        migrations.RunSQL("UPDATE following_wishes SET due = task", migrations.RunSQL.noop),
    ]
