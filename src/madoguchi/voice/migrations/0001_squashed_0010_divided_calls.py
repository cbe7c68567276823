import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ('people', '0001_squashed_0007_access_token_desks'),
        ("promises", "0001_squashed_0007_delay_notices"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Call',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uid', models.CharField(max_length=32, unique=True)),
                        ('direction', models.CharField(choices=[('in', 'incoming'), ('out', 'outgoing')], default='in', max_length=3)),
                        ('called', models.CharField(max_length=16)),
                        ('caller', models.CharField(blank=True, max_length=16)),
                        ('state', models.CharField(choices=[('ringing', 'rings'), ('answered', 'goes on'), ('ended', 'over')], default='ringing', max_length=10)),
                        ('outcome', models.CharField(blank=True, choices=[('rejected', 'Not taken'), ('short', 'Hung up at once'), ('abandoned', 'Gave up'), ('informed', 'Heard an announcement'), ('call_back', 'Wishes to be called back'), ('message', 'Left a message'), ('talked', 'Talked with us'), ('broken', 'Broke off'), ('busy', 'Busy'), ('no_answer', 'No answer'), ('unreached', 'Not reached'), ('stopped', 'Not gone through with')], max_length=10)),
                        ('ended_by', models.CharField(blank=True, choices=[('caller', 'caller'), ('agent', 'agent'), ('us', 'us'), ('lost', 'lost'), ('fault', 'fault')], max_length=10)),
                        ('flow', models.PositiveIntegerField(default=0)),
                        ('offered_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('alive_at', models.DateTimeField()),
                        ('spans', models.JSONField(default=list)),
                        ('wait_seconds', models.PositiveIntegerField(default=0)),
                        ('keys', models.CharField(blank=True, max_length=60)),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('agent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('code', models.CharField(blank=True, choices=[('solved', 'Solved'), ('goes_on', 'Goes on'), ('handed_on', 'Handed on'), ('call_back', 'To be called back'), ('wrong', 'Wrong number'), ('nuisance', 'Nuisance'), ('other', 'Something else')], db_default='', default='', max_length=10)),
                        ('hold_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('talk_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('wrap_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                        ('plan_id', models.BigIntegerField(null=True)),
                        ('divided', models.JSONField(db_default=[], default=list)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', '-offered_at', '-id'], name='call_of_desk'), models.Index(condition=models.Q(('caller', ''), _negated=True), fields=['company', 'caller', '-offered_at'], name='call_by_caller'), models.Index(condition=models.Q(('message_id__isnull', False)), fields=['message_id'], name='call_of_message'), models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['alive_at'], name='call_going_on'), models.Index(condition=models.Q(('message_id__isnull', True), ('outcome__in', ('message', 'call_back', 'abandoned', 'broken'))), fields=['ended_at'], name='call_untied'), models.Index(condition=models.Q(('direction', 'out')), fields=['company', 'offered_at'], name='call_out')],
                    },
                ),
                migrations.CreateModel(
                    name='FlowVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('document', models.JSONField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.entrypoint')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('entry_point', 'number'), name='flow_version_of_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Recording',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sha256', models.CharField(max_length=64)),
                        ('size', models.PositiveIntegerField()),
                        ('milliseconds', models.PositiveIntegerField()),
                        ('at', models.DateTimeField()),
                        ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='voice.call')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', 'at'], name='recording_by_age')],
                    },
                ),
                migrations.CreateModel(
                    name='AgentPhone',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('away', 'Away'), ('ready', 'Ready for calls'), ('ringing', 'It rings'), ('talking', 'On a call'), ('wrapping', 'Wrapping up')], default='away', max_length=10)),
                        ('since', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('call', models.CharField(blank=True, max_length=32)),
                        ('offer', models.TextField(blank=True)),
                        ('answer', models.TextField(blank=True)),
                        ('connected', models.BooleanField(default=False)),
                        ('held', models.BooleanField(default=False)),
                        ('secret', models.BooleanField(default=False)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('role', models.CharField(blank=True, choices=[('', 'Talks with the customer'), ('asked', 'Is asked'), ('listen', 'Listens'), ('whisper', 'Speaks to the operator alone'), ('join', 'Speaks with both')], db_default='', default='', max_length=10)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('call', ''), _negated=True), fields=['call'], name='phone_of_call')],
                    },
                ),
                migrations.CreateModel(
                    name='PlannedCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('number', models.CharField(blank=True, max_length=16)),
                        ('state', models.CharField(choices=[('waiting', 'waits for its turn'), ('calling', 'is made'), ('done', 'done'), ('dropped', 'given up')], default='waiting', max_length=10)),
                        ('since', models.DateTimeField()),
                        ('next_at', models.DateTimeField()),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('origin', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voice.call')),
                        ('promise', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='promises.promise')),
                        ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('message_id__isnull', False), ('state', 'waiting')), fields=['since'], name='planned_call_waiting'), models.Index(condition=models.Q(('state', 'waiting')), fields=['company', 'number'], name='planned_call_of')],
                    },
                ),
                migrations.CreateModel(
                    name='RecordingTerm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('days', models.PositiveSmallIntegerField(verbose_name='days that recordings are kept')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company',), name='recording_term_once_per_company')],
                    },
                ),
            ],
        ),
        *protect(
            "voice_call",
            "voice_flowversion",
            "voice_recording",
            "voice_plannedcall",
            "voice_recordingterm",
        ),
    ]
