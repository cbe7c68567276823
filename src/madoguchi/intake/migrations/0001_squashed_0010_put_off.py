import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('intake', '0001_squashed_0009_forms_kept_out_found'), ('intake', '0010_put_off')]

    initial = True

    dependencies = [
        ('companies', '0001_squashed_0015_line'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Arrival',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(max_length=10)),
                        ('source', models.CharField(max_length=200)),
                        ('state', models.CharField(choices=[('stored', 'Stored'), ('handled', 'Handled'), ('repeated', 'Came twice'), ('quarantined', 'In quarantine'), ('spam', 'Taken for spam')], default='stored', max_length=12)),
                        ('reason', models.TextField(blank=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('size', models.PositiveIntegerField()),
                        ('sha256', models.BinaryField(max_length=32)),
                        ('fingerprint', models.BinaryField(max_length=32, null=True)),
                        ('summary', models.CharField(blank=True, max_length=300)),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('arrived_at', models.DateTimeField()),
                        ('handled_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('entry_point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.entrypoint')),
                        ('form', models.CharField(blank=True, db_default='', default='', max_length=200)),
                        ('number', models.PositiveIntegerField(null=True)),
                        ('put_off', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state', 'stored')), fields=['arrived_at'], name='arrival_waiting'), models.Index(condition=models.Q(('state', 'quarantined')), fields=['company', '-arrived_at'], name='arrival_quarantined'), models.Index(condition=models.Q(('message_id__isnull', False)), fields=['message_id'], name='arrival_of_message'), models.Index(condition=models.Q(('state', 'spam')), fields=['company', '-arrived_at'], name='arrival_spam'), models.Index(condition=models.Q(('form', ''), _negated=True), fields=['company', 'form'], name='arrival_of_form')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'sha256'), name='same_bytes_once'), models.UniqueConstraint(fields=('company', 'fingerprint'), name='same_message_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RawArrival',
                    fields=[
                        ('arrival', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='raw', serialize=False, to='intake.arrival')),
                        ('content', models.BinaryField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
                migrations.CreateModel(
                    name='Awaited',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('value', models.CharField(max_length=500)),
                        ('case_id', models.BigIntegerField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'value', 'case_id'), name='awaited_once_per_case')],
                    },
                ),
                migrations.CreateModel(
                    name='SenderRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('allow', 'Always taken in'), ('block', 'Kept out as spam')], max_length=5)),
                        ('pattern', models.CharField(max_length=254)),
                        ('added_by', models.CharField(max_length=200)),
                        ('added_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'pattern'), name='sender_once_per_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('message_id', models.BigIntegerField()),
                        ('what', models.CharField(choices=[('bounced', 'Came back'), ('delayed', 'Is late'), ('delivered', 'Arrived'), ('read', 'Was opened')], max_length=10)),
                        ('recipient', models.CharField(blank=True, max_length=254)),
                        ('status', models.CharField(blank=True, max_length=20)),
                        ('words', models.CharField(blank=True, max_length=1000)),
                        ('at', models.DateTimeField()),
                        ('arrival', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='report', to='intake.arrival')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('knows_our_id', models.BooleanField(db_default=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects'},
                ),
            ],
        ),
        *protect(
            "intake_arrival",
            "intake_rawarrival",
            "intake_awaited",
            "intake_senderrule",
            "intake_report",
        ),
        # Raw mail is mostly base64 or short: compressing it costs more than it saves.
        migrations.RunSQL(
            "ALTER TABLE intake_rawarrival ALTER COLUMN content SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
    ]
