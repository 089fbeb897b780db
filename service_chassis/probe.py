"""``python -m service_chassis.probe PORT``: exit 0 when the gRPC service on this machine says SERVING."""

import sys
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_TIMEOUT_SECONDS = 3


def main() -> int:
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():  # noqa: PLR2004
        sys.stderr.write("usage: python -m service_chassis.probe PORT\n")
        return 2
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=options) as channel:
        try:
            check: Any = health_pb2_grpc.HealthStub(channel)  # the stubs forget its methods
            answer = check.Check(health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            sys.stderr.write(f"{error.code().name}: {error.details()}\n")
            return 1
    serving = health_pb2.HealthCheckResponse.SERVING
    return 0 if answer.status == serving else 1


if __name__ == "__main__":
    raise SystemExit(main())
