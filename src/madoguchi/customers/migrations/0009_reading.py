"""What was shown to whom for a reason."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("customers", "0001_squashed_0008_consents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Unmasking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer_id', models.BigIntegerField()),
                ('field', models.CharField(max_length=10)),
                ('reason', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['user', 'customer_id', '-until'], name='unmasking_of_person'), models.Index(fields=['company', '-at'], name='unmasking_by_time')],
            },
        ),
        *protect("customers_unmasking"),
    ]
