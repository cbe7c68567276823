"""What is written in files; cases that are indexed already are gone through once more for theirs."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_reply_time'),
        ('companies', '0003_desk_laid_out'),
        ('search', '0003_list_of_what_is_new'),
    ]

    operations = [
        migrations.CreateModel(
            name='FileText',
            fields=[
                ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='cases.attachment')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('read', 'Read'), ('unreadable', 'Unreadable')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('text', models.TextField(blank=True, default='')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['attachment'], name='file_to_be_read')],
            },
        ),
        *protect("search_filetext"),
        migrations.RunSQL(
            "UPDATE search_progress SET done = 0, finished = false", migrations.RunSQL.noop
        ),
    ]
