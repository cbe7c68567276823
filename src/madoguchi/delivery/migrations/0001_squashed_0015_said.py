import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('delivery', '0001_squashed_0013_line'), ('delivery', '0014_stood'), ('delivery', '0015_said')]

    initial = True

    dependencies = [
        ('cases', '0001_squashed_0041_line'),
        ('companies', '0001_squashed_0015_line'),
        ('knowledge', '0001_squashed_0008_readings'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Outgoing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(max_length=10)),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Not delivered'), ('bounced', 'Bounced'), ('cancelled', 'Taken back')], default='queued', max_length=10)),
                        ('external_id', models.CharField(max_length=500)),
                        ('in_reply_to', models.CharField(blank=True, max_length=500)),
                        ('references', models.TextField(blank=True)),
                        ('cause', models.BigIntegerField(null=True, unique=True)),
                        ('due_at', models.DateTimeField()),
                        ('created_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('response', models.TextField(blank=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outgoing', to='cases.message')),
                        ('text', models.TextField(blank=True, db_default='')),
                        ('receipt', models.CharField(blank=True, db_default='', max_length=10)),
                        ('receipt_at', models.DateTimeField(null=True)),
                        ('unconfirmed', models.BooleanField(db_default=False, default=False)),
                        ('link_generation', models.PositiveSmallIntegerField(null=True)),
                        ('approved_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('instead', models.CharField(blank=True, db_default='', default='', max_length=254)),
                        ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), db_default=[], default=list, size=None)),
                        ('stood', models.JSONField(null=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['due_at'], name='outgoing_waiting'), models.Index(condition=models.Q(('state__in', ['failed', 'bounced'])), fields=['company', '-created_at'], name='outgoing_troubled')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'external_id'), name='outgoing_id_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TemplateUse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField()),
                        ('kept', models.FloatField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('template', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.replytemplate')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['template', 'at'], name='use_of_template')],
                        'constraints': [models.UniqueConstraint(fields=('message', 'template'), name='template_use_once_per_message')],
                    },
                ),
                migrations.CreateModel(
                    name='ArticleBasis',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('how', models.CharField(choices=[('text', 'Its text'), ('link', 'A link to it'), ('quote', 'A quotation'), ('mark', 'In own words'), ('found', 'Its text, found in the answer'), ('said', 'By voice')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.message')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.articleversion')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['version', 'message'], name='basis_by_version')],
                        'constraints': [models.UniqueConstraint(fields=('message', 'version'), name='basis_once_of_a_message')],
                    },
                ),
                migrations.CreateModel(
                    name='Cited',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('how', models.CharField(choices=[('text', 'Its text'), ('link', 'A link to it'), ('quote', 'A quotation'), ('mark', 'In own words'), ('found', 'Its text, found in the answer'), ('said', 'By voice')], max_length=10)),
                        ('words', models.TextField(blank=True)),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.articleversion')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('case', 'version', 'how'), name='cited_once_in_a_case')],
                    },
                ),
            ],
        ),
        *protect(
            "delivery_outgoing",
            "delivery_templateuse",
            "delivery_cited",
            "delivery_articlebasis",
        ),
    ]
