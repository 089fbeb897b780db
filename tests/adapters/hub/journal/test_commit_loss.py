"""Why the journal is ours (docs/decisions/0001): Dapr's component loses a commit, the journal does not."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from dapr.proto import api_service_v1, api_v1
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from deploy.runtime.paths import installed_runtime
from device_hub.journal.group_commit import GroupCommit
from tests.neighbours.mongod import Mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import start

COMPONENT = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: actor-statestore
spec:
  type: state.mongodb
  version: v1
  metadata:
    - name: host
      value: "127.0.0.1:{port}"
    - name: params
      value: "?replicaSet=rs0&authSource=admin"
    - name: username
      value: operator
    - name: password
      value: "{password}"
    - name: databaseName
      value: test_commit_loss
    - name: collectionName
      value: states
    - name: actorStateStore
      value: "true"
"""


@pytest.fixture
def sidecar(mongod: Mongod, tmp_path: Path) -> Iterator[int]:
    """A daprd alone with the state store that could host actors; gives its gRPC port."""
    (tmp_path / "components").mkdir()
    component = COMPONENT.format(port=mongod.port, password=mongod.files.password("operator"))
    (tmp_path / "components" / "store.yaml").write_text(component)
    grpc_port, http_port, internal_port, metrics_port = free_ports(4)
    daprd = start(
        "daprd",
        [
            str(installed_runtime(os.environ).daprd),
            "--app-id=loss",
            f"--dapr-grpc-port={grpc_port}",
            f"--dapr-http-port={http_port}",
            f"--dapr-internal-grpc-port={internal_port}",
            f"--metrics-port={metrics_port}",
            f"--resources-path={tmp_path / 'components'}",
            "--dapr-listen-addresses=127.0.0.1",
            "--placement-host-address=",
            "--scheduler-host-address=",
        ],
        folder=tmp_path,
    )
    daprd.wait_for_port(grpc_port)
    yield grpc_port
    daprd.stop()


@asynccontextmanager
async def failing(client: AsyncMongoClient[Any], command: str) -> AsyncIterator[None]:
    """Let the server fail ``command`` once, with an error that no driver tries again."""
    await client.admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 1},
        data={"failCommands": [command], "errorCode": 96},
    )
    yield
    await client.admin.command("configureFailPoint", "failCommand", mode="off")


async def test_dapr_s_store_acknowledges_a_transaction_whose_commit_failed(
    sidecar: int, mongod_url: str
) -> None:
    """When this test fails, the component was mended: read decision 1 again."""
    async with (
        AsyncMongoClient[Any](mongod_url) as client,
        grpc.aio.insecure_channel(f"127.0.0.1:{sidecar}") as channel,
    ):
        states = client["test_commit_loss"]["states"]
        save = api_v1.ExecuteStateTransactionRequest(
            storeName="actor-statestore",
            operations=[
                api_v1.TransactionalStateOperation(
                    operationType="upsert", request={"key": "revision", "value": b'"1"'}
                )
            ],
        )
        dapr = api_service_v1.DaprStub(channel)
        await dapr.ExecuteStateTransaction(save, timeout=20, wait_for_ready=True)
        assert await states.count_documents({"_id": "loss||revision"}) == 1
        await states.delete_many({})

        async with failing(client, "commitTransaction"):
            await dapr.ExecuteStateTransaction(save, timeout=20)

        assert await states.count_documents({}) == 0


async def test_the_journal_says_so_when_a_commit_failed(mongod_url: str) -> None:
    async with AsyncMongoClient[Any](mongod_url) as client:
        commits = client["test_commit_loss"].get_collection(
            "commits", write_concern=WriteConcern(w="majority", j=True)
        )
        async with failing(client, "insert"):
            with pytest.raises(PyMongoError):
                await GroupCommit(commits).insert({"device_id": "north/SN-1", "revision": 1})
        assert await commits.count_documents({}) == 0
