import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bot', '0004_scenarios'),
    ]

    operations = [
        migrations.AddField(
            model_name='bot',
            name='yen_a_month',
            field=models.PositiveIntegerField(db_default=0, default=0, validators=[django.core.validators.MaxValueValidator(100000000)], verbose_name='cost a month (yen)'),
        ),
        migrations.AddField(
            model_name='bot',
            name='yen_a_talk',
            field=models.PositiveIntegerField(db_default=0, default=0, validators=[django.core.validators.MaxValueValidator(100000000)], verbose_name='cost a talk (yen)'),
        ),
    ]
