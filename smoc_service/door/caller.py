"""The caller, as the token describes it."""

from service_chassis.caller import current_caller
from smoc_service.who import Who


def who_calls() -> Who:
    caller = current_caller()
    return Who(subject=caller.subject, username=caller.username)
