import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0012_chat'),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Call',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uid', models.CharField(max_length=32, unique=True)),
                        ('direction', models.CharField(choices=[('in', 'incoming')], default='in', max_length=3)),
                        ('called', models.CharField(max_length=16)),
                        ('caller', models.CharField(blank=True, max_length=16)),
                        ('state', models.CharField(choices=[('ringing', 'rings'), ('answered', 'goes on'), ('ended', 'over')], default='ringing', max_length=10)),
                        ('outcome', models.CharField(blank=True, choices=[('rejected', 'Not taken'), ('short', 'Hung up at once'), ('abandoned', 'Gave up'), ('informed', 'Heard an announcement'), ('call_back', 'Wishes to be called back'), ('message', 'Left a message'), ('broken', 'Broke off')], max_length=10)),
                        ('ended_by', models.CharField(blank=True, choices=[('caller', 'caller'), ('us', 'us'), ('lost', 'lost'), ('fault', 'fault')], max_length=10)),
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
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', '-offered_at', '-id'], name='call_of_desk'), models.Index(condition=models.Q(('caller', ''), _negated=True), fields=['company', 'caller', '-offered_at'], name='call_by_caller'), models.Index(condition=models.Q(('message_id__isnull', False)), fields=['message_id'], name='call_of_message'), models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['alive_at'], name='call_going_on'), models.Index(condition=models.Q(('message_id__isnull', True), ('outcome__in', ('message', 'call_back', 'abandoned', 'broken'))), fields=['ended_at'], name='call_untied')],
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
                    },
                ),
            ],
        ),
        *protect(
            "voice_call",
            "voice_flowversion",
            "voice_recording",
        ),
    ]
