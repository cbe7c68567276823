from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('views', '0003_columns'),
    ]

    operations = [
        migrations.AddField(
            model_name='savedview',
            name='order',
            field=models.CharField(db_default='newest', default='newest', max_length=30),
        ),
    ]
