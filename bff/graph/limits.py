"""What the schema serves at once."""

from typing import Final

USUAL_PAGE: Final = 25
LONGEST_PAGE: Final = 100
