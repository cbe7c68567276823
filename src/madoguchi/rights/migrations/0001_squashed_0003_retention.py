import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0001_squashed_0008_consents"),
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Request',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('disclosure', 'Disclosure'), ('erasure', 'Erasure'), ('stop', 'Stop of use'), ('correction', 'Correction')], max_length=12)),
                        ('state', models.CharField(choices=[('received', 'Received'), ('checked', 'Identity checked'), ('running', 'Being done'), ('made', 'Made'), ('released', 'Looked over'), ('handed_over', 'Handed over'), ('done', 'Done'), ('lifted', 'Taken back'), ('refused', 'Refused'), ('failed', 'Failed')], default='received', max_length=12)),
                        ('asker', models.CharField(choices=[('person', 'The person themselves'), ('guardian', 'Their legal representative'), ('agent', 'Somebody they have authorised')], max_length=10)),
                        ('words', models.TextField(blank=True)),
                        ('proof', models.CharField(blank=True, choices=[('document', 'An official document with name and address'), ('call_back', 'A call back to a number known before'), ('known_address', 'An answer from an address known before'), ('signed_in', 'Their account with the company'), ('letter', 'A letter to the address known before'), ('mandate', 'A written mandate, and a document of both')], max_length=15)),
                        ('proof_note', models.CharField(blank=True, max_length=300)),
                        ('refusal', models.CharField(blank=True, max_length=500)),
                        ('received_at', models.DateTimeField()),
                        ('due_on', models.DateField()),
                        ('checked_at', models.DateTimeField(null=True)),
                        ('started_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('begun', models.PositiveSmallIntegerField(default=0)),
                        ('trouble', models.CharField(blank=True, max_length=300)),
                        ('archive', models.CharField(blank=True, max_length=64)),
                        ('size', models.PositiveBigIntegerField(default=0)),
                        ('generation', models.PositiveSmallIntegerField(default=1)),
                        ('result', models.JSONField(default=dict)),
                        ('digest', models.CharField(blank=True, max_length=64)),
                        ('checked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('started_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('wanted', models.JSONField(default=dict)),
                        ('withheld', models.JSONField(default=list)),
                        ('reviewed_at', models.DateTimeField(null=True)),
                        ('reviewed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['company', '-id'], name='request_newest'), models.Index(fields=['customer', '-id'], name='request_of_customer'), models.Index(condition=models.Q(('state', 'running')), fields=['id'], name='request_running'), models.Index(condition=models.Q(('archive', ''), _negated=True), fields=['expires_at'], name='request_archive')],
                    },
                ),
                migrations.CreateModel(
                    name='RetentionRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('attachments', 'Attachments of messages'), ('words', 'Words and files of cases')], max_length=12)),
                        ('months', models.PositiveSmallIntegerField()),
                        ('is_on', models.BooleanField(default=False)),
                        ('written_at', models.DateTimeField()),
                        ('switched_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('switched_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('written_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'kind'), name='one_retention_rule_per_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='RetentionRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('before', models.DateTimeField()),
                        ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('cancelled', 'Stopped')], default='running', max_length=12)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('result', models.JSONField(default=dict)),
                        ('files', models.JSONField(default=list)),
                        ('started_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='rights.retentionrule')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['rule', '-id'], name='retention_run_of_rule')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('rule',), name='one_retention_run_at_a_time')],
                    },
                ),
            ],
        ),
        *protect(
            "rights_request",
            "rights_retentionrule",
            "rights_retentionrun",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON rights_request"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON rights_request",
        ),
    ]
