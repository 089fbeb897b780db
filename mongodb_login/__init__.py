"""Where a MongoDB is, and as whom a program comes to it: the settings that all programs with a database share.

In comes the environment. Out come a connection string that can be read, and the password beside it. Must never be done
here: connect, or show the string in an error, as it may hold a password.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from service_chassis.settings import SecretFromFile


def _readable(url: SecretStr) -> SecretStr:
    try:
        parse_uri(url.get_secret_value(), connect_timeout=5)
    except (PyMongoError, ValueError) as error:
        # Only what is wrong, never the text itself.
        raise ValueError(f"no MongoDB connection string: {type(error).__name__}") from None
    return url


class MongodbSettings(BaseSettings):
    """Each program's settings inherit these, with a prefix of their own."""

    mongodb_url: Annotated[SecretStr, AfterValidator(_readable)]
    # For a URL that names a user and no password.
    mongodb_password_file: SecretFromFile | None = None

    @property
    def login(self) -> dict[str, Any]:
        """What a client is told beside the URL."""
        password = self.mongodb_password_file
        return {"password": password.get_secret_value()} if password else {}
