import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("knowledge", "0001_squashed_0008_readings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Gap',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('word', 'Word that rises'), ('questions', 'Questions without an answer')], max_length=10)),
                    ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None)),
                    ('figures', models.JSONField()),
                    ('messages', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                    ('first_at', models.DateTimeField()),
                    ('seen_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('open', 'Open'), ('drafted', 'Article begun'), ('aside', 'Set aside')], default='open', max_length=10)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('article', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='knowledge.article')),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'default_manager_name': 'objects',
                    'indexes': [models.Index(fields=['company', 'state', '-seen_at'], name='gap_of_company')],
                },
            ),
            migrations.CreateModel(
                name='Search',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('running', 'Being searched'), ('done', 'Searched'), ('cancelled', 'Stopped'), ('failed', 'Not searched')], default='running', max_length=10)),
                    ('done', models.PositiveIntegerField(default=0)),
                    ('total', models.PositiveIntegerField(null=True)),
                    ('found', models.PositiveIntegerField(default=0)),
                    ('created_at', models.DateTimeField()),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'default_manager_name': 'objects',
                    'indexes': [models.Index(fields=['company', '-id'], name='gap_search_of_company')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('company',), name='gap_search_one_at_a_time')],
                },
            ),
        ]),
        *protect("gaps_gap", "gaps_search"),
    ]
