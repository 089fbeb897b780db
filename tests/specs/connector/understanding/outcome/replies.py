"""Replies as other systems write them: what they say of a whole, and of its parts."""

from tests.specs.connector.understanding.samples import header, meter_config

FATAL = "<Error><code>2.1</code><level>FATAL</level><reason>still linked</reason>{}</Error>"
METERS = meter_config("<serialNumber>S1</serialNumber>", "<serialNumber>S2</serialNumber>")


def reply(result: str, *errors: str, operation: str = "") -> str:
    said = f"<Result>{result}</Result>" if result else ""
    about = f"<operationId>{operation}</operationId>" if operation else ""
    return f"<Reply>{said}{''.join(errors)}{about}</Reply>"


def answer(
    said: str,
    payload: str = METERS,
    *,
    verb: str = "reply",
    noun: str = "MeterConfig",
    root: str = "ResponseMessage",
) -> str:
    return f"<{root}>{header(verb, noun)}{said}<Payload>{payload}</Payload></{root}>"


def named(*what: str) -> str:
    return FATAL.format("".join(what))
