from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0014_answers_elsewhere'),
    ]

    operations = [
        migrations.AddField(
            model_name='merge',
            name='last_message',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
