import django.contrib.postgres.fields
import django.core.validators
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
        ("knowledge", "0001_squashed_0008_readings"),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Bot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_on', models.BooleanField(default=False, verbose_name='answers in the chat')),
                        ('name', models.CharField(blank=True, default='', max_length=40, verbose_name='name')),
                        ('greeting', models.CharField(blank=True, default='', max_length=400, verbose_name='words at the beginning')),
                        ('hours', models.CharField(choices=[('always', 'at any hour'), ('closed', 'only when nobody is at work'), ('open', 'only while people are at work')], default='always', max_length=10, verbose_name='when it answers')),
                        ('answer_from', models.PositiveSmallIntegerField(default=75, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='answers from (percent)')),
                        ('suggest_from', models.PositiveSmallIntegerField(default=35, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='suggests from (percent)')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                        ('yen_a_month', models.PositiveIntegerField(db_default=0, default=0, validators=[django.core.validators.MaxValueValidator(100000000)], verbose_name='cost a month (yen)')),
                        ('yen_a_talk', models.PositiveIntegerField(db_default=0, default=0, validators=[django.core.validators.MaxValueValidator(100000000)], verbose_name='cost a talk (yen)')),
                    ],
                    options={
                        'verbose_name': 'bot',
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='LimitWords',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('human', 'Wish for a person'), ('safety', 'Safety'), ('medical', 'Health'), ('legal', 'Law'), ('distress', 'Distress'), ('anger', 'Anger')], max_length=10)),
                        ('words', models.TextField(blank=True, default='')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'kind'), name='limit_words_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Talk',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('held_by', models.CharField(choices=[('bot', 'The bot'), ('person', 'A person')], default='bot', max_length=10)),
                        ('reason', models.CharField(blank=True, choices=[('human', 'A person was asked for'), ('anger', 'Anger'), ('distress', 'Distress'), ('legal', 'Legal matter'), ('medical', 'Health'), ('safety', 'Safety'), ('repeated', 'The same question again'), ('unsure', 'No article fits well enough'), ('not_helped', 'The answer did not help'), ('unavailable', 'The bot could not read the articles'), ('file', 'A file was sent'), ('taken_over', 'A person of the desk answered')], default='', max_length=12)),
                        ('began_at', models.DateTimeField()),
                        ('since', models.DateTimeField()),
                        ('handed_at', models.DateTimeField(null=True)),
                        ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', '-began_at'], name='talk_of_desk')],
                    },
                ),
                migrations.CreateModel(
                    name='Turn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('outcome', models.CharField(choices=[('answer', 'Answered'), ('suggest', 'Suggested'), ('person', 'Handed over'), ('greet', 'Asked what it is about'), ('done', 'Heard that it helped'), ('menu', 'Asked on by a scenario'), ('form', 'Showed a form')], max_length=10)),
                        ('reason', models.CharField(blank=True, choices=[('human', 'A person was asked for'), ('anger', 'Anger'), ('distress', 'Distress'), ('legal', 'Legal matter'), ('medical', 'Health'), ('safety', 'Safety'), ('repeated', 'The same question again'), ('unsure', 'No article fits well enough'), ('not_helped', 'The answer did not help'), ('unavailable', 'The bot could not read the articles'), ('file', 'A file was sent'), ('taken_over', 'A person of the desk answered')], default='', max_length=12)),
                        ('confidence', models.PositiveSmallIntegerField(null=True)),
                        ('offered', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('helped', models.BooleanField(null=True)),
                        ('at', models.DateTimeField()),
                        ('asked', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.message')),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.desk')),
                        ('said', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.message')),
                        ('version', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.articleversion')),
                        ('node', models.PositiveIntegerField(null=True)),
                        ('scenario', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bot.scenarioversion')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['case', 'id'], name='turn_of_case'), models.Index(fields=['desk', 'at'], name='turn_of_desk')],
                    },
                ),
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
                        'constraints': [models.UniqueConstraint(fields=('desk', 'language', 'number'), name='scenario_version_once'), models.UniqueConstraint(condition=models.Q(('begun_at__isnull', False), ('ended_at__isnull', True)), fields=('desk', 'language'), name='scenario_in_force_once'), models.UniqueConstraint(condition=models.Q(('begun_at__isnull', True)), fields=('desk', 'language'), name='scenario_draft_once')],
                    },
                ),
            ],
        ),
        *protect(
            "bot_bot",
            "bot_limitwords",
            "bot_talk",
            "bot_turn",
            "bot_scenarioversion",
        ),
    ]
