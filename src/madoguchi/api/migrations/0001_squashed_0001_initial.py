import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_squashed_0007_access_token_desks'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='KeptAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=200)),
                        ('asked', models.BinaryField(max_length=32)),
                        ('answer', models.JSONField()),
                        ('at', models.DateTimeField()),
                        ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.accesstoken')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['at'], name='kept_answer_by_age')],
                        'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='one_answer_per_key')],
                    },
                ),
            ],
        ),
    ]
