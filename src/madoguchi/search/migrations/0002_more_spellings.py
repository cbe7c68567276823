"""Texts are also found by more spellings (引落 and 引き落とし, Wi-Fi and WiFi): what is indexed gets them by and by."""

from django.db import migrations


def index_again(apps, schema_editor) -> None:  # type: ignore[no-untyped-def]
    """Begin with all cases anew; what is indexed stays to be found until its case has its turn."""
    apps.get_model("search", "Progress").objects.update(done=0, finished=False, anew=True)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_squashed_0006_files_given_up")]
    operations = [migrations.RunPython(index_again, migrations.RunPython.noop)]
