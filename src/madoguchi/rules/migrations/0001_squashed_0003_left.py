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
                    name='Rule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('state', models.CharField(choices=[('active', 'In use'), ('paused', 'Paused'), ('stopped', 'Stopped itself'), ('left', 'Stopped: its writer has left')], default='paused', max_length=10)),
                        ('trigger', models.CharField(choices=[('event', 'When something happens'), ('time', 'As time goes by')], max_length=10)),
                        ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                        ('filter', models.JSONField()),
                        ('acts', models.JSONField()),
                        ('per_case', models.PositiveSmallIntegerField(default=3)),
                        ('per_hour', models.PositiveIntegerField(default=500)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('looked_at', models.DateTimeField(null=True)),
                        ('looked_id', models.BigIntegerField(null=True)),
                        ('deleted_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'ordering': ['position', 'id'],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True), ('state', 'active')), fields=['company', 'position', 'id'], name='rule_at_work')],
                    },
                ),
                migrations.CreateModel(
                    name='RuleRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('event_id', models.BigIntegerField(null=True)),
                        ('moment', models.DateTimeField(null=True)),
                        ('outcome', models.CharField(choices=[('done', 'Changed the case'), ('same', 'All was so already'), ('refused', 'Not possible'), ('looped', 'Left alone: rules had set one another off'), ('limited', 'Left alone: often enough within the hour'), ('stopped', 'Left alone: too often, the rule stopped itself'), ('failed', 'The program failed')], max_length=10)),
                        ('why', models.JSONField(default=list)),
                        ('did', models.JSONField(default=list)),
                        ('depth', models.PositiveSmallIntegerField(default=0)),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='rules.rule')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['rule', '-id'], name='run_of_rule'), models.Index(fields=['rule', 'at'], name='run_lately')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('event_id__isnull', False)), fields=('rule', 'event_id'), name='rule_once_per_event'), models.UniqueConstraint(condition=models.Q(('moment__isnull', False)), fields=('rule', 'case', 'moment'), name='rule_once_per_moment')],
                    },
                ),
                migrations.CreateModel(
                    name='RuleVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('said', models.JSONField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='rules.rule')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('rule', 'number'), name='rule_version_once')],
                    },
                ),
            ],
        ),
        *protect(
            "rules_rule",
            "rules_ruleversion",
            "rules_rulerun",
        ),
    ]
