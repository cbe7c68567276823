import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0015_line'),
        ('knowledge', '0007_origins'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='ArticleReading',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('at', models.DateTimeField()),
                    ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.article')),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                    'base_manager_name': 'objects',
                    'default_manager_name': 'objects',
                    'constraints': [models.UniqueConstraint(fields=('article', 'user'), name='article_reading_once')],
                },
            ),
        ]),
        *protect("knowledge_articlereading"),
    ]
