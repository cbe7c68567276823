

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('companies', '0002_row_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('done', models.BigIntegerField(default=0)),
                ('finished', models.BooleanField(default=False)),
                ('anew', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('document_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('company_id', models.BigIntegerField()),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=['keys'], gin_pending_list_limit=512, name='posting_by_key')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('field', models.TextField()),
                ('source_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField(null=True)),
                ('customer_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('text', models.TextField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('case_id__isnull', False)), fields=['case_id', 'id'], name='document_of_case'), models.Index(condition=models.Q(('customer_id__isnull', False)), fields=['customer_id', 'id'], name='document_of_customer')],
                'constraints': [models.UniqueConstraint(fields=('source_id', 'kind', 'field'), name='document_once')],
            },
        ),
    ]
