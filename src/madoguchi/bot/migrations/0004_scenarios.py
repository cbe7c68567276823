import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    dependencies = [
        ('bot', '0003_file_as_reason'),
        ('companies', '0015_line'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='ScenarioVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('language', models.CharField(max_length=5)),
                    ('number', models.PositiveIntegerField()),
                    ('nodes', models.JSONField()),
                    ('before', models.JSONField(null=True)),
                    ('revision', models.PositiveIntegerField(default=1)),
                    ('at', models.DateTimeField()),
                    ('begun_at', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'default_manager_name': 'objects',
                    'constraints': [
                        models.UniqueConstraint(fields=('desk', 'language', 'number'), name='scenario_version_once'),
                        models.UniqueConstraint(condition=models.Q(('begun_at__isnull', False), ('ended_at__isnull', True)), fields=('desk', 'language'), name='scenario_in_force_once'),
                        models.UniqueConstraint(condition=models.Q(('begun_at__isnull', True)), fields=('desk', 'language'), name='scenario_draft_once'),
                    ],
                },
            ),
        ]),
        *protect("bot_scenarioversion"),
        migrations.AddField(
            model_name='turn',
            name='node',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='turn',
            name='scenario',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bot.scenarioversion'),
        ),
        migrations.AlterField(
            model_name='turn',
            name='outcome',
            field=models.CharField(choices=[('answer', 'Answered'), ('suggest', 'Suggested'), ('person', 'Handed over'), ('greet', 'Asked what it is about'), ('done', 'Heard that it helped'), ('menu', 'Asked on by a scenario'), ('form', 'Showed a form')], max_length=10),
        ),
    ]
