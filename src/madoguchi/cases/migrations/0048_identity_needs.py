"""How sure a company wants to be, for which act, that it is the customer who asks for it."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0047_checked'),
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentityNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('address', 'Changing addresses and numbers in the record'), ('refund', 'Giving money back, or an exchange'), ('cancel', 'Cancelling an order'), ('details', 'Giving details or papers of an order'), ('disclose', 'Demands about their data (disclosure and others)')], max_length=10)),
                ('level', models.PositiveSmallIntegerField(choices=[(0, 'Not checked'), (1, 'One item'), (2, 'Two items'), (3, 'By document')])),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company', 'act'), name='identity_need_of_act')],
            },
        ),
        *protect("cases_identityneed"),
    ]
