"""By which words of a desk's own customers show how they feel."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        migrations.AddField(
            model_name='desk',
            name='feeling_words',
            field=models.TextField(blank=True, db_default='', default='', max_length=2000, verbose_name='words by which customers show how they feel'),
        ),
    ]
