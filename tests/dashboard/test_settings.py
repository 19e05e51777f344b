import pytest

from dashboard.settings import Settings, SettingsError, misspelt


def test_without_any_variable_everything_has_a_default():
    settings = Settings.from_environment({})
    assert settings.database_url.startswith("sqlite:///")
    assert (settings.max_dams, settings.dams_per_user, settings.auth, settings.user) == (None, 3, "none", "local")


def test_a_variable_that_is_set_to_nothing_is_as_if_it_were_not_there():
    assert Settings.from_environment({"DAMS_MAX_DAMS": "", "DAMS_TILES": " "}) == Settings.from_environment({})


def test_an_empty_quota_is_no_quota():
    assert Settings.from_environment({"DAMS_DAMS_PER_USER": ""}).dams_per_user is None


def test_values_are_read_in_their_types():
    settings = Settings.from_environment(
        {
            "DAMS_MAX_DAMS": "5",
            "DAMS_POLL_SECONDS": "0.5",
            "DAMS_ALLOW_ORIGINS": "localhost:8000, www.example.org",
            "DAMS_TILES": "https://tiles.example.org/{Z}/{X}/{Y}.png",
        }
    )
    assert (settings.max_dams, settings.poll_seconds) == (5, 0.5)
    assert settings.allow_origins == ("localhost:8000", "www.example.org")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DAMS_MAX_DAMS", "-1", "a whole number"),
        ("DAMS_MAX_DAMS", "many", "a whole number"),
        ("DAMS_POLL_SECONDS", "0", "from 0.02 to 60 seconds"),
        ("DAMS_POLL_SECONDS", "nan", "from 0.02 to 60 seconds"),
        ("DAMS_AUTH", "basic", "it can be none"),
        ("DAMS_USER", "root", "local, diadmin, diviewer"),
        ("DAMS_TILES", "https://tiles.example.org/", "{X}, {Y} and {Z}"),
        ("DAMS_TILES", "javascript:alert(1)//{X}{Y}{Z}", "a URL"),
        ("DAMS_ALLOW_ORIGINS", "http://localhost:8000", "hosts such as"),
        ("DAMS_DATABASE_URL", "dams", "sqlite:///dams.sqlite"),
        ("DAMS_LOG_LEVEL", "loud", "DEBUG, INFO"),
    ],
)
def test_a_wrong_value_is_refused_by_name_value_and_what_would_do(name, value, words):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert str(caught.value).startswith(f"{name} is {value!r}; ")
    assert words in str(caught.value)


def test_all_wrong_values_are_told_at_once():
    with pytest.raises(SettingsError, match=r"(?s)DAMS_MAX_DAMS.*\n.*DAMS_AUTH"):
        Settings.from_environment({"DAMS_MAX_DAMS": "x", "DAMS_AUTH": "y"})


def test_a_misspelt_variable_is_named_with_the_nearest_setting():
    words = misspelt({"DAMS_MAXDAMS": "5", "DAMS_ODD": "1", "DAMS_TILES": "off", "HOME": "/"})
    assert words == [
        "DAMS_MAXDAMS is no setting and is ignored; did you mean DAMS_MAX_DAMS?",
        "DAMS_ODD is no setting and is ignored.",
    ]


def in_force(settings, environment=None):
    return {one["name"]: one for one in settings.in_force(environment or {})}


def test_settings_in_force_tell_value_words_and_where_from():
    environment = {"DAMS_MAX_DAMS": "5", "DAMS_DAMS_PER_USER": "", "DAMS_TILES": " "}
    told = in_force(Settings.from_environment(environment), environment)
    assert (told["DAMS_MAX_DAMS"]["value"], told["DAMS_MAX_DAMS"]["source"]) == ("5", "environment")
    assert (told["DAMS_DAMS_PER_USER"]["value"], told["DAMS_DAMS_PER_USER"]["source"]) == ("no limit", "environment")
    assert (told["DAMS_TILES"]["value"], told["DAMS_TILES"]["source"]) == ("auto", "default")
    assert (told["DAMS_REDIS_URL"]["value"], told["DAMS_SIGN_IN_HOURS"]["value"]) == ("none", "12")
    assert all(one["doc"] for one in told.values())
    assert in_force(Settings(oauth_roles=(("staff", "crew"),)))["DAMS_OAUTH_ROLES"]["value"] == "staff=crew"


def test_no_secret_is_among_the_settings_in_force():
    secret = "never-to-be-seen-" + "x" * 32
    told = in_force(
        Settings(
            secret_key=secret,
            oauth_secret=secret,
            database_url=f"postgresql+psycopg://dams:{secret}@db/dams?sslpassword={secret}",
            redis_url=f"redis://:{secret}@redis:6379/0",
        )
    )
    assert told["DAMS_SECRET_KEY"]["value"] == told["DAMS_OAUTH_SECRET"]["value"] == "set"
    assert told["DAMS_DATABASE_URL"]["value"].startswith("postgresql+psycopg://dams:***@db/dams")
    assert told["DAMS_REDIS_URL"]["value"] == "redis://:***@redis:6379/0"
    assert secret not in repr(told)
    assert in_force(Settings())["DAMS_SECRET_KEY"]["value"] == "not set"
    assert in_force(Settings(redis_url="unix:///run/redis.sock"))["DAMS_REDIS_URL"]["value"].endswith("/run/redis.sock")
