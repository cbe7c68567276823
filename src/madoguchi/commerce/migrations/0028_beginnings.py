"""How names and codes of products begin, by which texts are looked through for them. 0030 and 0031 index it."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    # Each table is written anew while nobody reads it: a second for 100,000 rows, measured. An index over the expression
    # would need no column, but no function in it is leakproof, so that behind row security it would not be used.

    dependencies = [
        ('commerce', '0027_arriving'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='begins',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Left(models.Func(models.Func(models.F('name'), output_field=models.TextField(), template='lower(normalize(%(expressions)s, NFKC))'), models.Value('(?<=[^a-z0-9])\\s+|\\s+(?=[^a-z0-9])'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField()), 8), output_field=models.CharField(max_length=8)),
        ),
        migrations.AddField(
            model_name='variant',
            name='begins',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Left(models.Func(models.Func(models.F('code'), output_field=models.TextField(), template='lower(normalize(%(expressions)s, NFKC))'), models.Value('(?<=[^a-z0-9])\\s+|\\s+(?=[^a-z0-9])'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField()), 8), output_field=models.CharField(max_length=8)),
        ),
    ]
