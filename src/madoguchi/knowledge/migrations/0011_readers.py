import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0010_translations'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='operators',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='article',
            name='restricted',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('restricted', False), ('audience', 'operator'), _connector='OR'), name='restricted_article_is_inner'),
        ),
    ]
