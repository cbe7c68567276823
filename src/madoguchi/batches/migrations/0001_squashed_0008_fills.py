import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('batches', '0001_squashed_0007_corrections'), ('batches', '0008_fills')]

    initial = True

    dependencies = [
        ('cases', '0001_squashed_0041_line'),
        ('companies', '0001_squashed_0015_line'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Batch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('verb', models.CharField(choices=[('assign', 'Responsible'), ('status', 'Status'), ('priority', 'Priority'), ('tag', 'Add a tag'), ('untag', 'Take a tag away'), ('desk', 'Move to a desk'), ('fill', 'Fill in own fields only'), ('macro', 'Run a macro'), ('merge', 'Merge duplicates'), ('correct', 'Correct what was told')], max_length=10)),
                        ('value', models.CharField(blank=True, max_length=60)),
                        ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('cancelled', 'Stopped'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='running', max_length=10)),
                        ('created_at', models.DateTimeField()),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('begun', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('wary', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('fills', models.JSONField(db_default={}, default=dict)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['owner', '-id'], name='batch_of_owner'), models.Index(condition=models.Q(('state__in', ['running', 'undoing'])), fields=['id'], name='batch_under_way')],
                    },
                ),
                migrations.CreateModel(
                    name='BatchRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Changed'), ('same', 'Was so already'), ('refused', 'Not possible'), ('undone', 'Undone'), ('kept', 'Not undone')], default='waiting', max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('before', models.JSONField(null=True)),
                        ('version', models.PositiveIntegerField(null=True)),
                        ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='batches.batch')),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('into', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['batch', 'state', 'id'], name='row_of_batch')],
                        'constraints': [models.UniqueConstraint(fields=('batch', 'case'), name='case_once_per_batch')],
                    },
                ),
            ],
        ),
        *protect(
            "batches_batch",
            "batches_batchrow",
        ),
    ]
