"""How names and codes of products begin, by which texts are looked through for them."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

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
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['company', 'begins'], name='product_by_beginning'),
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(fields=['company', 'begins'], name='variant_by_beginning'),
        ),
    ]
