"""What a rehearsal of leaving comes to, without its cases being read again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gaps', '0006_improves'),
    ]

    operations = [
        migrations.AddField(
            model_name='rehearsal',
            name='stock',
            field=models.JSONField(null=True),
        ),
    ]
