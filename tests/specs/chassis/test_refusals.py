"""A refusal goes to the other side with its status, its reason and what stands beside it."""

import grpc
import pytest
from google.rpc import code_pb2, error_details_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallRefused


@pytest.mark.parametrize("status", list(grpc.StatusCode))
def test_every_status_of_grpc_can_be_said(status: grpc.StatusCode) -> None:
    refused = CallRefused(status, ErrorReason.ERROR_REASON_TOO_MANY, "too many", field="tags")
    told = refused.to_status()
    number, _ = status.value
    assert (told.code, told.message) == (number, "too many")
    assert code_pb2.Code.Name(told.code) == status.name
    info = error_details_pb2.ErrorInfo()
    assert told.details[0].Unpack(info)
    assert (info.reason, info.domain, info.metadata["field"]) == ("TOO_MANY", "meterpark", "tags")
