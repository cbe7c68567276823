from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("batches", "0001_squashed_0007_corrections"),
    ]

    operations = [
        migrations.AddField(
            model_name='batch',
            name='fills',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name='batch',
            name='verb',
            field=models.CharField(choices=[('assign', 'Responsible'), ('status', 'Status'), ('priority', 'Priority'), ('tag', 'Add a tag'), ('untag', 'Take a tag away'), ('desk', 'Move to a desk'), ('fill', 'Fill in own fields only'), ('macro', 'Run a macro'), ('merge', 'Merge duplicates'), ('correct', 'Correct what was told')], max_length=10),
        ),
    ]
