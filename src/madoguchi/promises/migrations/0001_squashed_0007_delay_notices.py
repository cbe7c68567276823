import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("cases", "0001_squashed_0041_line"),
        ("companies", "0001_squashed_0015_line"),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='ServiceLevels',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField()),
                        ('active', models.BooleanField(default=False)),
                        ('since', models.DateTimeField(null=True)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk', verbose_name='desk')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Clock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('metric', models.CharField(max_length=20)),
                        ('cycle', models.PositiveIntegerField()),
                        ('policy', models.CharField(max_length=200)),
                        ('target', models.DurationField()),
                        ('business', models.BooleanField()),
                        ('state', models.CharField(max_length=10)),
                        ('why', models.CharField(blank=True, max_length=20)),
                        ('began_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('due_at', models.DateTimeField(null=True)),
                        ('breached_at', models.DateTimeField(null=True)),
                        ('counted', models.DurationField()),
                        ('read_at', models.DateTimeField()),
                        ('next_at', models.DateTimeField(null=True)),
                        ('warned_at', models.DateTimeField(null=True)),
                        ('told_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('acted', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), db_default=[], default=list, size=None)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='clock_next')],
                        'constraints': [models.UniqueConstraint(fields=('case', 'metric', 'cycle'), name='clock_once_per_cycle')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceLevelsVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('text', models.TextField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('levels', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='promises.servicelevels')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('levels', 'number'), name='service_levels_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Promise',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('reply', 'Reply'), ('call_back', 'Call back'), ('refund', 'Refund'), ('shipment', 'Shipment'), ('other', 'Something else')], max_length=10)),
                        ('words', models.CharField(max_length=200)),
                        ('made_at', models.DateTimeField()),
                        ('first_due_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('warn_at', models.DateTimeField()),
                        ('moves', models.PositiveSmallIntegerField(default=0)),
                        ('state', models.CharField(choices=[('open', 'Still open'), ('kept', 'Done'), ('withdrawn', 'Withdrawn')], default='open', max_length=10)),
                        ('next_at', models.DateTimeField(null=True)),
                        ('warned_at', models.DateTimeField(null=True)),
                        ('broken_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('answer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.pendinganswer')),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('made_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('message', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'due_at'], name='promise_of_case'), models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='promise_next'), models.Index(fields=['company', 'due_at'], name='promise_due'), models.Index(condition=models.Q(('state', 'open')), fields=['due_at'], name='promise_open')],
                    },
                ),
                migrations.CreateModel(
                    name='DelayNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('metric', models.CharField(blank=True, max_length=20)),
                        ('cycle', models.PositiveIntegerField(default=0)),
                        ('due_at', models.DateTimeField()),
                        ('reason', models.CharField(max_length=300)),
                        ('stands', models.CharField(max_length=300)),
                        ('new_due_at', models.DateTimeField()),
                        ('state', models.CharField(choices=[('open', 'Drafted'), ('sent', 'Sent'), ('dropped', 'Not needed')], default='open', max_length=10)),
                        ('made_at', models.DateTimeField()),
                        ('next_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('promise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='promises.promise')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='delay_notice_next')],
                        'constraints': [models.UniqueConstraint(fields=('case', 'promise', 'metric', 'cycle', 'due_at'), name='delay_notice_once', nulls_distinct=False)],
                    },
                ),
            ],
        ),
        *protect(
            "promises_servicelevels",
            "promises_servicelevelsversion",
            "promises_clock",
            "promises_promise",
            "promises_delaynotice",
        ),
    ]
