"""Makes keys with the real djangorestframework-api-key, and prints { versions, tokens, csv, dumpdata } as JSON.

    python3 -m venv env && env/bin/pip install djangorestframework-api-key==3.1.0 djangorestframework==3.18.3
    env/bin/python test/import/drf-keys.py > test/import/fixtures/drf.json
"""
import csv
import io
import json
from datetime import datetime, timezone

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework_api_key"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.contrib.auth.hashers import check_password, make_password  # noqa: E402
from django.core import serializers  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402

call_command("migrate", verbosity=0)
tokens = {}


def make(name, hasher=None, **fields):
    key, token = APIKey.objects.create_key(name=name, **fields)
    if hasher is not None:
        # As versions before 3 hashed them: by what Django hashes passwords.
        APIKey.objects.filter(pk=key.pk).update(hashed_key=make_password(token, hasher=hasher))
    tokens[name] = token


make("plain")
make("old", hasher="pbkdf2_sha256")
make("older", hasher="pbkdf2_sha1")
make("ending", expiry_date=datetime(2999, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
make("ended", expiry_date=datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
make("revoked", revoked=True)
make('with "quotes", and\na line break')

# Those of an old hash not by `is_valid`, which would hash them anew.
assert all(APIKey.objects.is_valid(tokens[name]) for name in ["plain", "ending"])
assert all(check_password(tokens[name], APIKey.objects.get(name=name).hashed_key) for name in ["old", "older"])

names = [field.name for field in APIKey._meta.fields]
table = io.StringIO()
writer = csv.writer(table)
writer.writerow(names)
for key in APIKey.objects.order_by("created"):
    writer.writerow([getattr(key, name) for name in names])

import rest_framework_api_key  # noqa: E402

print(
    json.dumps(
        {
            "versions": {"django": django.__version__, "djangorestframework-api-key": rest_framework_api_key.__version__},
            "tokens": tokens,
            "csv": table.getvalue(),
            "dumpdata": serializers.serialize("json", APIKey.objects.order_by("created"), indent=2),
        },
        indent=2,
    )
)
