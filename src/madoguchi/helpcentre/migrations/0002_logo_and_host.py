import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ('helpcentre', '0001_squashed_0002_row_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='helpcentre',
            name='host',
            field=models.CharField(blank=True, db_default='', default='', max_length=253, verbose_name='address of your own'),
        ),
        migrations.AddField(
            model_name='helpcentre',
            name='host_proven_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='helpcentre',
            constraint=models.UniqueConstraint(condition=models.Q(('host_proven_at__isnull', False)), fields=('host',), name='help_centre_host_once'),
        ),
        CreateTables([
            migrations.CreateModel(
                name='Logo',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('content', models.BinaryField()),
                    ('digest', models.CharField(max_length=32)),
                    ('at', models.DateTimeField()),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'default_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('company',), name='help_centre_logo_once')],
                },
            ),
        ]),
        *protect("helpcentre_logo"),
    ]
