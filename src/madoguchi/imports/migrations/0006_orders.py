"""Orders come from other systems too, each once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0001_squashed_0005_row_security_of_uploads'),
    ]

    operations = [
        migrations.AddField(
            model_name='origin',
            name='order_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='origin',
            name='kind',
            field=models.CharField(choices=[('customer', 'Customer'), ('case', 'Case'), ('message', 'Message'), ('note', 'Note'), ('mail', 'Mail'), ('order', 'Order')], max_length=10),
        ),
    ]
