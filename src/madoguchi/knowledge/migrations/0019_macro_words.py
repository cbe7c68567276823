"""Whether a company approves what macros put into answers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0018_template_feelings'),
    ]

    operations = [
        migrations.AddField(
            model_name='articlepolicy',
            name='macro_words',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
