"""Files that cannot be read now have another turn; what was taken for unreadable so far is read once more."""

import django.db.models.functions.datetime
from django.db import migrations, models

_AGAIN = """
    SELECT set_config('app.companies', '*', true);
    UPDATE search_filetext SET state = 'waiting', tries = 0 WHERE state = 'unreadable';
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0023_told_apart'),
        ('companies', '0006_approval'),
        ('search', '0004_texts_of_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='filetext',
            name='next_try_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField(
            model_name='filetext',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('read', 'Read'), ('unreadable', 'Unreadable'), ('given_up', 'Given Up')], default='waiting', max_length=10),
        ),
        migrations.RunSQL(_AGAIN, migrations.RunSQL.noop),
    ]
