import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [('imports', '0001_squashed_0005_row_security_of_uploads'), ('imports', '0006_orders'), ('imports', '0007_of_no_desk')]

    initial = True

    dependencies = [
        ('cases', '0001_squashed_0041_line'),
        ('companies', '0001_squashed_0015_line'),
        ('customers', '0001_squashed_0008_consents'),
        ('people', '0001_squashed_0007_access_token_desks'),
        ('search', '0001_squashed_0006_files_given_up'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Origin',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(max_length=60)),
                        ('kind', models.CharField(choices=[('customer', 'Customer'), ('case', 'Case'), ('message', 'Message'), ('note', 'Note'), ('mail', 'Mail'), ('order', 'Order')], max_length=10)),
                        ('external_id', models.CharField(max_length=250)),
                        ('number', models.CharField(blank=True, max_length=100)),
                        ('message_id', models.BigIntegerField(null=True)),
                        ('note_id', models.BigIntegerField(null=True)),
                        ('version', models.PositiveIntegerField(null=True)),
                        ('at', models.DateTimeField()),
                        ('case', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('customer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('order_id', models.BigIntegerField(null=True)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('company', 'source', 'kind', 'external_id'), name='came_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Upload',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('system', models.CharField(max_length=20)),
                        ('source', models.CharField(blank=True, max_length=39)),
                        ('asked', models.JSONField(default=dict)),
                        ('folder', models.CharField(max_length=32)),
                        ('files', models.JSONField()),
                        ('state', models.CharField(choices=[('looking', 'Being looked at'), ('looked', 'Looked at'), ('running', 'Coming in'), ('done', 'All done'), ('stopped', 'Stopped'), ('failed', 'Not readable')], default='looking', max_length=10)),
                        ('size', models.BigIntegerField(default=0)),
                        ('read', models.BigIntegerField(default=0)),
                        ('passed', models.PositiveIntegerField(default=0)),
                        ('found', models.JSONField(default=dict)),
                        ('begun', models.PositiveSmallIntegerField(default=0)),
                        ('trouble', models.CharField(blank=True, max_length=2000)),
                        ('created_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('thrown_away_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', '-id'], name='upload_of_desk'), models.Index(condition=models.Q(('thrown_away_at__isnull', True)), fields=['id'], name='upload_kept')],
                    },
                ),
                migrations.CreateModel(
                    name='UploadLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('place', models.CharField(max_length=300)),
                        ('record', models.CharField(blank=True, max_length=250)),
                        ('outcome', models.CharField(max_length=10)),
                        ('reason', models.CharField(max_length=600)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('upload', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='imports.upload')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['upload', 'id'], name='line_of_upload')],
                    },
                ),
            ],
        ),
        *protect(
            "imports_origin",
            "imports_upload",
            "imports_uploadline",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER joins_led_on BEFORE INSERT ON imports_origin"
            " FOR EACH ROW EXECUTE FUNCTION customers_led_on()",
            "DROP TRIGGER joins_led_on ON imports_origin",
        ),
    ]
