"""Refusals that outlive a record and its numbers."""

import django.db.models.deletion
import madoguchi.infra.secrets
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0017_no_two_hyphens'),
        ('customers', '0013_belonging'),
    ]

    operations = [
        migrations.AlterField(
            model_name='consent',
            name='how',
            field=models.CharField(choices=[('phone', 'On the phone'), ('mail', 'By mail'), ('form', 'On a form or page'), ('paper', 'On paper'), ('in_person', 'In person'), ('kept', 'Refused before by the same number or address')], max_length=10),
        ),
        CreateTables(models=[
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('purpose', models.CharField(choices=[('matter', 'About their own matters'), ('offers', 'Advertising and offers'), ('survey', 'Surveys'), ('follow_up', 'Guidance after a purchase')], max_length=12)),
                ('channel', models.CharField(choices=[('email', 'Mail'), ('phone', 'Phone'), ('sms', 'SMS'), ('line', 'LINE'), ('letter', 'Letter')], max_length=10)),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'digest', 'purpose', 'channel'), name='refusal_once_per_number')],
            },
        ),
        migrations.CreateModel(
            name='RefusalKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', madoguchi.infra.secrets.SecretField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company',), name='one_refusal_key_per_company')],
            },
        ),
        ]),
        *protect("customers_refusal", "customers_refusalkey"),
    ]
