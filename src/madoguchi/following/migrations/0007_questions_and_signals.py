from django.db import migrations, models

_WAYS = [
    ("bell", "in the console only"),
    ("mail", "and by mail, at once"),
    ("digest", "and by mail, collected"),
    ("none", "not at all"),
]
_WHYS = [
    ("mentioned", "Mentioned"),
    ("assigned", "Assigned"),
    ("followed", "Followed"),
    ("asked", "Asked"),
    ("wrote", "Wrote"),
    ("task", "Task"),
    ("due", "Due"),
    ("question", "Question"),
    ("signal", "Signal"),
]


class Migration(migrations.Migration):
    dependencies = [("following", "0001_squashed_0006_due")]
    operations = [
        *(
            migrations.AddField(
                model_name="wishes",
                name=name,
                field=models.CharField(choices=_WAYS, db_default="bell", default="bell", max_length=6),
            )
            for name in ("question", "signal")
        ),
        migrations.AlterField(
            model_name="notification", name="why", field=models.CharField(choices=_WHYS, max_length=10)
        ),
    ]
