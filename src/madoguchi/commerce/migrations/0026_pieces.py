"""Lots and serial numbers of what was sold."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0025_link_that_waits'),
        ('companies', '0017_no_two_hyphens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.CharField(blank=True, max_length=40)),
                ('serial', models.CharField(blank=True, max_length=60)),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sold', to='commerce.orderline')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['line', 'id'], name='piece_of_line'), models.Index(condition=models.Q(('lot', ''), _negated=True), fields=['company', 'lot'], name='piece_by_lot'), models.Index(condition=models.Q(('serial', ''), _negated=True), fields=['company', 'serial'], name='piece_by_serial')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('serial', ''), _negated=True), fields=('line', 'serial'), name='piece_once_by_serial')],
            },
        ),
        *protect("commerce_piece"),
    ]
