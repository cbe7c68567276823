import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Field',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('tree', 'Choice in levels'), ('customer', 'Another customer'), ('product', 'Product'), ('order', 'Order')], max_length=10)),
                        ('label', models.CharField(max_length=60)),
                        ('help', models.CharField(blank=True, max_length=300)),
                        ('required', models.BooleanField(default=False)),
                        ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                        ('holds', models.CharField(blank=True, max_length=10)),
                        ('only_values', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                        ('place', models.PositiveSmallIntegerField(default=0)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                        ('only_if', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fields.field')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', 'place', 'id'], name='field_of_desk')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('desk', 'label'), name='field_label_once_per_desk')],
                    },
                ),
                migrations.CreateModel(
                    name='Matter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('place', models.PositiveSmallIntegerField(default=0)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.desk')),
                    ],
                    options={
                        'abstract': False,
                        'base_manager_name': 'objects',
                        'default_manager_name': 'objects',
                        'indexes': [models.Index(fields=['desk', 'place', 'id'], name='matter_of_desk')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('desk', 'name'), name='matter_name_once_per_desk')],
                    },
                ),
            ],
        ),
        *protect(
            "fields_field",
            "fields_matter",
        ),
    ]
