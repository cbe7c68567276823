from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fields', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='field',
            name='kind',
            field=models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('tree', 'Choice in levels'), ('customer', 'Another customer'), ('product', 'Product'), ('order', 'Order')], max_length=10),
        ),
    ]
