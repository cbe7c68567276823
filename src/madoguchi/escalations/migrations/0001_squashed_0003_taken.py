import django.db.models.deletion
import uuid
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
                    name='Escalation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to', models.CharField(choices=[('person', 'A colleague'), ('team', 'Everybody of this desk'), ('seniors', 'The supervisors of this desk'), ('managers', "The operator's manager"), ('desk', 'Another desk'), ('company', 'The company'), ('outside', 'Somebody without an account, by mail')], max_length=10)),
                        ('cause', models.CharField(choices=[('knowledge', 'Knowledge'), ('authority', 'Authority'), ('system', 'System'), ('rule', 'Rule')], max_length=10)),
                        ('question', models.TextField()),
                        ('tried', models.TextField(blank=True)),
                        ('asked_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('state', models.CharField(choices=[('open', 'Waits for an answer'), ('answered', 'Answered, not closed'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn')], default='open', max_length=10)),
                        ('next_at', models.DateTimeField(null=True)),
                        ('late_at', models.DateTimeField(null=True)),
                        ('opened_at', models.DateTimeField(null=True)),
                        ('answer', models.TextField(blank=True)),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('answered_as', models.CharField(blank=True, max_length=100)),
                        ('minutes', models.PositiveIntegerField(null=True)),
                        ('no_article', models.CharField(blank=True, max_length=200)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('answered_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('article', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.article')),
                        ('asked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('taken_at', models.DateTimeField(null=True)),
                        ('taken_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['case', 'id'], name='escalation_of_case'), models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='escalation_next'), models.Index(condition=models.Q(('state__in', ['open', 'answered'])), fields=['company', 'due_at', 'id'], name='escalation_unsettled'), models.Index(fields=['company', 'asked_at', 'id'], name='escalation_by_time')],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Slip',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to_name', models.CharField(max_length=100)),
                        ('to_address', models.EmailField(max_length=254)),
                        ('caller', models.CharField(blank=True, max_length=100)),
                        ('call_back', models.CharField(blank=True, max_length=100)),
                        ('words', models.TextField(blank=True)),
                        ('language', models.CharField(default='ja', max_length=5)),
                        ('due_at', models.DateTimeField()),
                        ('made_at', models.DateTimeField()),
                        ('generation', models.PositiveSmallIntegerField(default=1)),
                        ('expires_at', models.DateTimeField()),
                        ('read_at', models.DateTimeField(null=True)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('done_words', models.TextField(blank=True)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('next_at', models.DateTimeField(null=True)),
                        ('reminded_at', models.DateTimeField(null=True)),
                        ('late_at', models.DateTimeField(null=True)),
                        ('undelivered', models.TextField(blank=True)),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('escalation', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='escalations.escalation')),
                        ('made_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('opened', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['case', 'id'], name='slip_of_case'), models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='slip_next'), models.Index(fields=['company', '-made_at', '-id'], name='slip_by_time'), models.Index(condition=models.Q(('escalation__isnull', False)), fields=['escalation'], name='slip_of_escalation')],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='SlipLetter',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('needless', 'Needless')], default='queued', max_length=10)),
                        ('created_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('response', models.TextField(blank=True)),
                        ('generation', models.PositiveSmallIntegerField()),
                        ('reminds', models.BooleanField(default=False)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('slip', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='escalations.slip')),
                        ('to_address', models.EmailField(blank=True, max_length=254)),
                        ('vouched', models.BooleanField(default=False)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['slip'], name='letter_of_slip'), models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['due_at'], name='slip_letter_waiting'), models.Index(condition=models.Q(('vouched', True)), fields=['company', 'to_address'], name='slip_letter_vouched')],
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *protect(
            "escalations_escalation",
            "escalations_slip",
            "escalations_slipletter",
        ),
    ]
