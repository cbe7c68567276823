import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ('knowledge', '0012_scripts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contradiction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('says', models.CharField(max_length=200)),
                ('other', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('open', 'To be looked at'), ('confirmed', 'They contradict each other'), ('aside', 'They do not')], default='open', max_length=10)),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('first', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.articleversion')),
                ('second', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.articleversion')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['company', 'state'], name='contradictions_of_company')],
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='contradiction_once')],
            },
        ),
        *protect('knowledge_contradiction'),
    ]
