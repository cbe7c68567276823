from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0011_readers'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='kind',
            field=models.CharField(choices=[('article', 'Article'), ('script', 'Talk script')], db_default='article', default='article', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'script'), _negated=True), ('audience', 'operator'), _connector='OR'), name='script_is_inner'),
        ),
    ]
