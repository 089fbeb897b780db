"""Arguments that several fields take."""

from typing import Annotated

import strawberry

Named = Annotated[strawberry.ID, strawberry.argument(name="id")]
RequestId = Annotated[
    strawberry.ID,
    strawberry.argument(
        description="A UUID of the caller's choice: the same one again changes nothing more."
    ),
]
