import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('bot', '0007_rewording'),
        ("companies", "0001_squashed_0015_line"),
    ]

    operations = [
        migrations.AlterField(
            model_name='talk',
            name='reason',
            field=models.CharField(blank=True, choices=[('human', 'A person was asked for'), ('anger', 'Anger'), ('distress', 'Distress'), ('legal', 'Legal matter'), ('medical', 'Health'), ('safety', 'Safety'), ('learned', 'Like what people marked as grave'), ('repeated', 'The same question again'), ('unsure', 'No article fits well enough'), ('not_helped', 'The answer did not help'), ('unavailable', 'The bot could not read the articles'), ('file', 'A file was sent'), ('taken_over', 'A person of the desk answered')], default='', max_length=12),
        ),
        migrations.AlterField(
            model_name='turn',
            name='reason',
            field=models.CharField(blank=True, choices=[('human', 'A person was asked for'), ('anger', 'Anger'), ('distress', 'Distress'), ('legal', 'Legal matter'), ('medical', 'Health'), ('safety', 'Safety'), ('learned', 'Like what people marked as grave'), ('repeated', 'The same question again'), ('unsure', 'No article fits well enough'), ('not_helped', 'The answer did not help'), ('unavailable', 'The bot could not read the articles'), ('file', 'A file was sent'), ('taken_over', 'A person of the desk answered')], default='', max_length=12),
        ),
        migrations.CreateModel(
            name='LearnedLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weights', models.JSONField(default=dict)),
                ('threshold', models.FloatField(null=True)),
                ('measured', models.JSONField()),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('company',), name='learned_limit_once')],
            },
        ),
        *protect('bot_learnedlimit'),
    ]
