"""What kept a subscription from its order, in words, and when one at which something broke is looked at again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0015_second_person'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='why',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='subscription',
            name='try_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='trouble',
            field=models.CharField(blank=True, choices=[('price', 'It comes to another amount by now'), ('gone', 'It cannot be ordered as it was agreed')], max_length=6),
        ),
    ]
