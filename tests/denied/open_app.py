"""`python -m tests.denied.open_app PORT`: an app with no lock at all, that says yes to every name it is called by.

It takes the place of a service behind the real sidecar, to show what the access policy denies all alone.
"""

import asyncio
import sys

import grpc
import grpc.aio

from service_chassis.tasks import stop_signal


class SaysYes(grpc.GenericRpcHandler):
    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        del handler_call_details
        return grpc.unary_unary_rpc_method_handler(_yes)


async def _yes(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    del request, context
    return b""


async def _serve(port: int) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((SaysYes(),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await stop_signal().wait()
    await server.stop(1)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
