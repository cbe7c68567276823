import django.db.models.deletion
import madoguchi.infra.secrets
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('phone', '0001_initial'), ('phone', '0002_phones_outside'), ('phone', '0003_calls_stay_known'), ('phone', '0004_trunk_registrations'), ('phone', '0005_going_calls')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
        ('voice', '0015_phones_outside'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='CarrierAccount',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('account', models.CharField(max_length=64, verbose_name='account SID')),
                        ('token', madoguchi.infra.secrets.SecretField(verbose_name='auth token')),
                        ('api', models.CharField(max_length=200, verbose_name="address of the carrier's API")),
                        ('phones', models.JSONField(default=dict)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='carrier_account', to='companies.entrypoint')),
                    ],
                    options={
                        'verbose_name': 'carrier account', 'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='CarriedCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sid', models.CharField(max_length=64)),
                        ('uid', models.CharField(max_length=32, unique=True)),
                        ('flow', models.PositiveIntegerField()),
                        ('call', models.JSONField(default=dict)),
                        ('standing', models.JSONField(default=dict)),
                        ('number', models.PositiveIntegerField(default=0)),
                        ('document', models.TextField(blank=True)),
                        ('seen_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('queue', models.CharField(blank=True, max_length=200)),
                        ('waits_since', models.DateTimeField(null=True)),
                        ('recordings', models.JSONField(default=list)),
                        ('pieces', models.PositiveSmallIntegerField(default=0)),
                        ('over_at', models.DateTimeField(null=True)),
                        ('done', models.BooleanField(default=False)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.entrypoint')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('waits_since__isnull', False)), fields=['entry_point', 'waits_since'], name='carried_call_waiting'), models.Index(condition=models.Q(('done', False)), fields=['due_at'], name='carried_call_going_on'), models.Index(condition=models.Q(('done', True), models.Q(('document', ''), _negated=True)), fields=['seen_at'], name='carried_call_to_empty')],
                        'constraints': [models.UniqueConstraint(fields=('entry_point', 'sid'), name='carried_call_once_per_number')],
                    },
                ),
                migrations.CreateModel(
                    name='TrunkRegistration',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, unique=True)),
                        ('number', models.CharField(max_length=16)),
                        ('state', models.CharField(choices=[('registered', 'registered'), ('refused', 'refused'), ('silent', 'no answer')], max_length=10)),
                        ('code', models.PositiveSmallIntegerField(default=0)),
                        ('at', models.DateTimeField()),
                        ('until', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='GoingCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uid', models.CharField(max_length=32, unique=True)),
                        ('gateway', models.CharField(max_length=32)),
                        ('standing', models.JSONField()),
                        ('at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
            ],
        ),
        *protect(
            "phone_carrieraccount",
            "phone_carriedcall",
            "phone_goingcall",
        ),
        # No model has it any more; processes of the version before read and write it.
        migrations.RunSQL(
            "ALTER TABLE phone_carrieraccount ALTER COLUMN phones SET DEFAULT '{}'",
            "ALTER TABLE phone_carrieraccount ALTER COLUMN phones DROP DEFAULT",
            state_operations=[migrations.RemoveField("carrieraccount", "phones")],
        ),
    ]
