"""Who represents a company stands on written terms, which are papers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0019_withdrew'),
    ]

    operations = [
        migrations.AddField(
            model_name='shop',
            name='representative',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='issueddocument',
            name='kind',
            field=models.CharField(choices=[('invoice', 'invoice'), ('receipt', 'receipt'), ('delivery-note', 'delivery-note'), ('return-slip', 'return-slip'), ('written-terms', 'written-terms')], max_length=20),
        ),
    ]
