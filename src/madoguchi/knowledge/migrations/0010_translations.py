import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0009_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='original',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='translations', to='knowledge.article'),
        ),
        migrations.AddField(
            model_name='articleversion',
            name='follows',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(condition=models.Q(('original__isnull', False)), fields=('original', 'language'), name='article_translated_once'),
        ),
    ]
