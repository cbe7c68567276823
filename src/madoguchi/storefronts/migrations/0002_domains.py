"""By which domain a shop at Shopify is told from others of the same secret."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('storefronts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='storefront',
            name='domain',
            field=models.CharField(blank=True, db_default='', max_length=100, verbose_name='domain of the shop'),
        ),
    ]
